nil.to_f
nil.to_i
nil.to_a
nil.to_s
nil.to_s.frozen?
nil.to_h
nil.inspect
nil.nil?
nil == nil
nil == false
nil != 1
nil.eql?(nil)
nil.equal?(nil)
nil === nil
nil <=> nil
nil <=> 1
nil & true
nil & 1
nil | 1
nil | nil
nil ^ 1
nil ^ nil
!nil
nil.!
nil.is_a?(String)
nil.kind_of?(String)
nil.respond_to?(:to_s)
nil.frozen?
nil.freeze
nil.then { |x| x.inspect }
nil.nope
nil + 1
nil[0]
nil.length
nil.upcase
nil.dup
nil.hash == nil.hash
# What every class may be asked
nil.%(nil)
nil.%(3)
nil.&(nil)
nil.&(3)
nil.*(nil)
nil.*(3)
nil.**(nil)
nil.**(3)
nil.+(nil)
nil.+(3)
nil.-(nil)
nil.-(3)
nil./(nil)
nil./(3)
nil.<(nil)
nil.<(3)
nil.<<(nil)
nil.<<(3)
nil.<=(nil)
nil.<=(3)
nil.<=>(nil)
nil.<=>(3)
nil.==(nil)
nil.===(nil)
nil.>(nil)
nil.>(3)
nil.>=(nil)
nil.>=(3)
nil.>>(nil)
nil.>>(3)
nil.[](nil)
nil.[](3)
nil.^(nil)
nil.^(3)
nil.|(nil)
nil.|(3)
nil.!=(nil)
nil.+@
nil.-@
nil.~
nil.new
nil.not
nil.then
nil.[]=(0, 1)
nil.kind_of?(Encoding)
nil.respond_to?(:nope)
nil.to_jail
# Rails
nil.blank?
nil.present?
nil.presence
nil.in?([nil])
nil.in?(nil)
nil.to_param
nil.to_query("k")
nil.duplicable?
nil.acts_like?(:time)
# Refused
nil.methods
