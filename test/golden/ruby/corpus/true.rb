true.to_s
true.to_s.frozen?
true.inspect
true & true
true & nil
true | false
true | 1
true ^ true
true ^ nil
!true
true.!
true == true
true == nil
true != false
true === true
true.eql?(true)
true.equal?(false)
true <=> true
true <=> 1
true.nil?
true.is_a?(String)
true.kind_of?(String)
true.respond_to?(:to_s)
true.frozen?
true.freeze
true.then { |x| x.to_s }
true.nope
true.to_i
true.to_a
true + 1
true.dup
true.hash == true.hash
# What every class may be asked
true.%(true)
true.%(3)
true.&(true)
true.&(3)
true.*(true)
true.*(3)
true.**(true)
true.**(3)
true.+(true)
true.+(3)
true.-(true)
true.-(3)
true./(true)
true./(3)
true.<(true)
true.<(3)
true.<<(true)
true.<<(3)
true.<=(true)
true.<=(3)
true.<=>(true)
true.<=>(3)
true.==(true)
true.===(true)
true.>(true)
true.>(3)
true.>=(true)
true.>=(3)
true.>>(true)
true.>>(3)
true.[](true)
true.[](3)
true.^(true)
true.^(3)
true.|(true)
true.|(3)
true.equal?(true)
true.!=(true)
true.+@
true.-@
true.~
true.new
true.not
true.then
true.[]=(0, 1)
true.kind_of?(Encoding)
true.respond_to?(:nope)
true.to_jail
# Rails
true.blank?
true.present?
true.presence
true.in?([true])
true.to_param
true.to_query("k")
true.duplicable?
true.acts_like?(:time)
# Refused
true.methods
