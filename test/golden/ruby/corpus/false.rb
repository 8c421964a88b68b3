false.to_s
false.to_s.frozen?
false.inspect
false & true
false & nil
false | false
false | 1
false ^ true
false ^ nil
!false
false.!
false == true
false == nil
false != false
false === true
false.eql?(true)
false.equal?(false)
false <=> true
false <=> 1
false.nil?
false.is_a?(String)
false.kind_of?(String)
false.respond_to?(:to_s)
false.frozen?
false.freeze
false.then { |x| x.to_s }
false.nope
false.to_i
false.to_a
false + 1
false.dup
false.hash == false.hash
# What every class may be asked
false.%(false)
false.%(3)
false.&(false)
false.&(3)
false.*(false)
false.*(3)
false.**(false)
false.**(3)
false.+(false)
false.+(3)
false.-(false)
false.-(3)
false./(false)
false./(3)
false.<(false)
false.<(3)
false.<<(false)
false.<<(3)
false.<=(false)
false.<=(3)
false.<=>(false)
false.<=>(3)
false.==(false)
false.===(false)
false.>(false)
false.>(3)
false.>=(false)
false.>=(3)
false.>>(false)
false.>>(3)
false.[](false)
false.[](3)
false.^(false)
false.^(3)
false.|(false)
false.|(3)
false.eql?(false)
false.!=(false)
false.+@
false.-@
false.~
false.new
false.not
false.then
false.[]=(0, 1)
false.kind_of?(Encoding)
false.respond_to?(:nope)
false.to_jail
# Rails
false.blank?
false.present?
false.presence
false.in?([true])
false.to_param
false.to_query("k")
false.duplicable?
false.acts_like?(:time)
# Refused
false.methods
