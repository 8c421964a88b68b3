(1..3).any?
(1..3).any? { |x| x > 2 }
(1..3).any?(4)
(1...1).any?
(1..3).any?(1..2)
(1..3).begin
(..3).begin
("a".."c").begin
(1..3).end
(1..).end
(1...3).end
(1..3).each { |x| x }
x = []; (1...3).each { |i| x.push(i) }; x
x = []; ("a".."c").each { |i| x.push(i) }; x
(1..3).each
(1.5..3).each { |x| x }
(..3).each { |x| x }
x = []; (1..).each { |i| break if i > 3; x.push(i) }; x
(nil..nil).each { |x| x }
(:a..:c).to_a
(1..3.5).to_a
(1.0..2).to_a
(1..3).exclude_end?
(1...3).exclude_end?
(1..3).first
(1..3).first(2)
(1..).first(3)
("a".."e").first(2)
(..3).first
(..3).first(1)
(1..3).first(-1)
(1..3).first(0)
(1.5..3).first
(1.5..3).first(1)
(1..3).first("1")
(1..3).hash == (1..3).hash
(1..3).hash == (1...3).hash
(1..3).include?(2)
(1..3).include?(2.5)
(1...3).include?(3)
(1..3).include?("a")
(1..3).include?(nil)
("a".."z").include?("bb")
("a".."z").include?("b")
("a".."z").include?(1)
(1..).include?(5)
(..5).include?(3)
(1.0..2.0).include?(1.5)
("a"..).include?("b")
(1..3).include_without_range?(2)
(1..3).last
(1..3).last(2)
(1...3).last
(1...3).last(2)
(1..).last
(1..).last(1)
(1..3).last(-1)
(..3).last
("a".."e").last(2)
(1..3).member?(2)
("a".."z").member?("bb")
(1...3).member?(3)
(1..10).step(3).to_a
x = []; (1..10).step(3) { |i| x.push(i) }; x
(1.0..2.0).step(0.5).to_a
(1.0...2.0).step(0.5).to_a
("a".."e").step(2).to_a
(1..10).step(0)
(1..10).step(-1).to_a
(1..10).step(3)
("a".."e").step(2)
x = []; (1..).step(5) { |i| break if i > 12; x.push(i) }; x
(1..3).step(0.5).to_a
(1..3).step.to_a
(1..3).step("a")
("a".."e").step(0) { |x| x }
("a".."e").step(-1) { |x| x }
(1..10) % 3
((1..10) % 3).to_a
(1..3).step(2) { |x| x }
(1..3) == (1..3)
(1..3) == (1...3)
(1..3) == (1..3.0)
(1..3).eql?(1..3)
(1..3).eql?(1..3.0)
(1..3) == [1, 2, 3]
(1..3) === 2
(1..3) === 2.5
(1..3) === "a"
("a".."z") === "bb"
("a".."z") === "c"
(1..nil) === 5
(1..3).equal?(1..3)
(1..3).frozen?
(1..3).freeze
(1..3).inspect
("a".."c").inspect
(1..).inspect
(..1).inspect
(nil..nil).inspect
(1...3).inspect
(1.0..2).inspect
(:a..:b).inspect
(1..3).to_s
("a".."c").to_s
(1..).to_s
(1...3).to_s
(1..3).to_a
(1...1).to_a
(3..1).to_a
("a".."e").to_a
("aa".."ad").to_a
("08".."11").to_a
("9".."11").to_a
("a"..."c").to_a
(1..).to_a
(..3).to_a
(1..3).is_a?(String)
(1..3).nil?
(1..3).respond_to?(:each)
(1..3).then { |r| r.first }
(1..3).sum
(1..3).map { |x| x * 2 }
(1..3).size
(1...3.5).size
(1..3).count
(1..).size
("a".."c").size
(1..3).min
(1..3).max
(1...3).max
(3..1).max
(1.0..2.5).max
(1.0..2.5).min
(1..3).min(2)
(1..3).minmax
(1..3).cover?(2)
(1..3).cover?(1..2)
(1..3).cover?(0..2)
(1..3).reverse_each.to_a
(1..3).each_slice(2).to_a
(1..6).each_cons(2).to_a
(1..3).inject(:+)
(1..3).each_with_index.to_a
(1..3).to_a.reverse
(1..3).select { |x| x.odd? }
(1..3).reject { |x| x.odd? }
(1..3).zip(4..6)
(1..3).entries
(1..3) + 1
(1..3)[0]
("a".."zz").count
(1..3).dup
# What every class may be asked
(1..3).%((1..3))
(1..3).%(3)
(1..3).&((1..3))
(1..3).&(3)
(1..3).*((1..3))
(1..3).*(3)
(1..3).**((1..3))
(1..3).**(3)
(1..3).+((1..3))
(1..3).+(3)
(1..3).-((1..3))
(1..3).-(3)
(1..3)./((1..3))
(1..3)./(3)
(1..3).<((1..3))
(1..3).<(3)
(1..3).<<((1..3))
(1..3).<<(3)
(1..3).<=((1..3))
(1..3).<=(3)
(1..3).<=>((1..3))
(1..3).<=>(3)
(1..3).==((1..3))
(1..3).===((1..3))
(1..3).>((1..3))
(1..3).>(3)
(1..3).>=((1..3))
(1..3).>=(3)
(1..3).>>((1..3))
(1..3).>>(3)
(1..3).[]((1..3))
(1..3).[](3)
(1..3).^((1..3))
(1..3).^(3)
(1..3).|((1..3))
(1..3).|(3)
(1..3).eql?((1..3))
(1..3).equal?((1..3))
(1..3).!=((1..3))
(1..3).!
(1..3).+@
(1..3).-@
(1..3).~
(1..3).new
(1..3).not
(1..3).then
(1..3).[]=(0, 1)
(1..3).kind_of?(Encoding)
(1..3).respond_to?(:to_s)
(1..3).respond_to?(:nope)
(1..3).to_jail
# Rails
(1..3).blank?
(1...1).blank?
(1..3).present?
(1..3).presence
(1..3).in?([1..3])
(1..3).to_param
(1..3).to_query("k")
(1..3).acts_like?(:time)
(1..3).overlaps?(2..5)
# Refused
(1..3).methods
