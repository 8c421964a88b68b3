:abc.inspect
:"a b".inspect
:"".inspect
:a?.inspect
:a!.inspect
:a=.inspect
:"a?=".inspect
:[]=.inspect
:!.inspect
:"&&".inspect
:"=".inspect
:+@.inspect
:"9a".inspect
:A.inspect
:"é".inspect
:"a\n".inspect
:$a.inspect
:@a.inspect
:"@".inspect
:"foo-bar".inspect
:"日本?".inspect
:"A=".inspect
:abc.to_s
:abc.to_s.frozen?
:abc.to_i
:abc.to_int
:abc.length
:abc.size
:"".empty?
:abc[1]
:abc[0..1]
:abc[5]
:a <=> :b
:a <=> "a"
:b < :a
:a < "b"
:a == :a
:a == "a"
:a != :b
:a === :a
:a.eql?(:a)
:a.equal?(:a)
:a.equal?("a")
:a.hash == :a.hash
:a.frozen?
:a.freeze
:a.is_a?(String)
:a.nil?
:a.to_sym
:a.id2name
:a.name
:abc.upcase
:ABC.downcase
:abc.capitalize
:aBc.swapcase
:az.succ
:az.next
:abc.start_with?("a")
:abc.end_with?("c")
:abc.then { |s| s.to_s }
:a.respond_to?(:to_s)
:a + :b
:a.casecmp("A")
:a.casecmp(:A)
:a.casecmp?(:A)
:abc.match(/b/)
:abc.match?(/b/)
:a.to_a
# What every class may be asked
:ab.%(:ab)
:ab.%(3)
:ab.&(:ab)
:ab.&(3)
:ab.*(:ab)
:ab.*(3)
:ab.**(:ab)
:ab.**(3)
:ab.+(:ab)
:ab.+(3)
:ab.-(:ab)
:ab.-(3)
:ab./(:ab)
:ab./(3)
:ab.<(:ab)
:ab.<(3)
:ab.<<(:ab)
:ab.<<(3)
:ab.<=(:ab)
:ab.<=(3)
:ab.<=>(:ab)
:ab.<=>(3)
:ab.==(:ab)
:ab.===(:ab)
:ab.>(:ab)
:ab.>(3)
:ab.>=(:ab)
:ab.>=(3)
:ab.>>(:ab)
:ab.>>(3)
:ab.[](:ab)
:ab.[](3)
:ab.^(:ab)
:ab.^(3)
:ab.|(:ab)
:ab.|(3)
:ab.eql?(:ab)
:ab.equal?(:ab)
:ab.!=(:ab)
:ab.!
:ab.+@
:ab.-@
:ab.~
:ab.freeze
:ab.frozen?
:ab.inspect
:ab.new
:ab.nil?
:ab.not
:ab.then
:ab.to_a
:ab.to_s
:ab.[]=(0, 1)
:ab.is_a?(String)
:ab.kind_of?(Encoding)
:ab.respond_to?(:to_s)
:ab.respond_to?(:nope)
:ab.to_jail
# Rails
:a.blank?
:"".blank?
:a.present?
:a.presence
:a.in?([:a])
:a.to_param
:"a b".to_query("k")
:a.acts_like?(:time)
:a.duplicable?
# Refused
:ab.methods
