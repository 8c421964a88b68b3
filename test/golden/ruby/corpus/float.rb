-34.56.abs
-0.0.abs
34.56.abs
(-1.0/0).abs
1.2.ceil
-1.2.ceil
-0.5.ceil
2.0.ceil
1.1.ceil(1)
3.14159.ceil(2)
-3.14159.ceil(2)
12345.678.ceil(-2)
0.1.ceil(20)
(0.0/0).ceil
(1.0/0).ceil
1.2.ceil("1")
291.4.ceil(1)
14.2.ceil(1)
1e20.ceil
1.2.floor
-1.2.floor
2.9.floor
3.14159.floor(2)
-3.14159.floor(2)
12345.678.floor(-2)
0.1.floor(20)
291.4.floor(1)
291.4.floor(2)
0.3.floor(1)
-0.0001.floor(2)
0.0.floor(1)
(1.0/0).floor
1e300.floor(-300)
1.5.round
2.5.round
-2.5.round
0.5.round
-0.5.round
0.49999999999999994.round
2.5.round(half: :even)
2.5.round(half: :down)
2.5.round(half: :up)
3.5.round(half: :even)
-2.5.round(half: :even)
2.4.round(half: :even)
2.5.round(half: nil)
2.5.round(half: "down")
2.5.round(half: :bad)
2.675.round(2)
2.675.round(2, half: :even)
2.675.round(2, half: :down)
25.5.round(-1)
1.005.round(2)
0.5.round(1)
5.015.round(2)
1.25.round(1, half: :even)
1.25.round(1, half: :down)
-1.25.round(1, half: :even)
0.1.round(3)
0.1.round(16)
0.123456789012345678.round(15)
0.123456789012345678.round(17)
12345.678.round(-2)
12345.678.round(-10)
1e20.round(2)
1.1e300.round(-299)
(0.0/0).round
(0.0/0).round(2).nan?
(1.0/0).round(2)
1.5.round(nil)
1.23456e-10.round(12)
1e-20.round(5)
-1e-20.round(5)
42.0.round(308)
1.5.round(1.9)
-1.9.truncate
1.9.truncate
3.14159.truncate(2)
-3.14159.truncate(2)
12345.678.truncate(-2)
(1.0/0).truncate
1.2.coerce(3)
1.2.coerce(2.5)
1.2.coerce("3")
1.2.coerce(nil)
13.0.div(4)
-13.0.div(4)
13.5.div(0.4)
13.0.div(0)
13.0.div(0.0)
13.0.divmod(4)
-13.0.divmod(4)
13.0.divmod(-4)
11.5.divmod(-3.5)
13.0.divmod(0)
0.3.divmod(0.1)
1e20.divmod(3)
(1.0/0).divmod(2)
1.0.finite?
(1.0/0).finite?
(0.0/0).finite?
1.0.infinite?
(1.0/0).infinite?
(-1.0/0).infinite?
1.0.hash == 1.0.hash
1.0.hash == 1.hash
1.0.integer?
6543.21.modulo(137)
-7.5.modulo(2)
7.5.modulo(-2)
7.5.modulo(0).nan?
1.0.modulo(1.0/0)
-1.0.modulo(1.0/0)
(0.0/0).nan?
1.0.nan?
1.0.nonzero?
0.0.nonzero?
-0.0.nonzero?
6.0.quo(4)
6.0.quo(0)
6.0.quo("1")
13.5.remainder(4)
-13.5.remainder(4)
13.5.remainder(-4)
7.5.remainder(2.5)
1.0.step(2.0, 0.5).to_a
x = []; 1.0.step(2.0, 0.25) { |f| x.push(f) }; x
2.0.step(1.0, -0.5).to_a
1.0.step(2.0, 0.1).to_a.length
1.0.step(by: 0.5, to: 2).to_a
1.0.step(2.0, 0.5)
1.5.to_f
1.9.to_i
-1.9.to_i
1e20.to_i
1e25.to_i
(0.0/0).to_i
(1.0/0).to_int
1.9.to_int
1.0.to_s
100.0.to_s
1e20.to_s
1e15.to_s
1e14.to_s
123456789012345.0.to_s
1234567890123456.0.to_s
12345678901234567.0.to_s
1e16.to_s
1e-4.to_s
1e-5.to_s
0.0001234.to_s
0.00001234.to_s
1.0e-10.to_s
-0.0.to_s
0.1.to_s
(0.1 + 0.2).to_s
1e100.to_s
1.7976931348623157e308.to_s
5e-324.to_s
2.5e-5.to_s
(1.0/3).to_s
(1.0/0).to_s
(-1.0/0).to_s
(0.0/0).to_s
1e23.to_s
9.999e22.to_s
1.0.to_s(2)
0.0.zero?
-0.0.zero?
1.0.zero?
1.5.singleton_method_added
1.0 + 2
1.0 + 2.5
1.0 + "a"
1.0 - 2
1.5 * 2
1.5 * nil
3.0 / 2
3.0 / 0
-3.0 / 0
(0.0 / 0).nan?
6.5 % 2
-6.5 % 2
6.5 % -2
2.0 ** 3
2.0 ** -1
2.0 ** 0.5
4 ** 0.5
(-8.0) ** 2
1.0 ** (0.0/0)
0.0 ** 0
-1.5
1.5.-@
1.5.+@
1.0 == 1
1.0 == "1"
1.0.eql?(1)
1.0.eql?(1.0)
0.0.eql?(-0.0)
0.0 == -0.0
(0.0/0) == (0.0/0)
1.0.equal?(1.0)
1.0 <=> 2
1.0 <=> "a"
1.0 <=> (0.0/0)
1.0 < 2
1.0 < "2"
1.0 < (0.0/0)
1.5 > 1
1.5 >= 1.5
1.5 <= 1
1.5 === 1.5
1.5 != 1
1.5 & 1
1.5 << 1
1.5[0]
~1.5
!1.5
1.5.frozen?
1.5.freeze
1.5.inspect
1.5.is_a?(String)
1.5.nil?
1.5.respond_to?(:nan?)
1.5.then { |x| x * 2 }
1.5.to_a
1.5.between?(1, 2)
1.5.clamp(2, 3)
1.5.to_r
0.1.to_r
1.5.positive?
1.5.negative?
1e308 * 10
1.5.fdiv(2)
# What every class may be asked
2.5.%(1.5)
2.5.%(3)
2.5.&(1.5)
2.5.&(3)
2.5.*(1.5)
2.5.*(3)
2.5.**(1.5)
2.5.**(3)
2.5.+(1.5)
2.5.+(3)
2.5.-(1.5)
2.5.-(3)
2.5./(1.5)
2.5./(3)
2.5.<(1.5)
2.5.<(3)
2.5.<<(1.5)
2.5.<<(3)
2.5.<=(1.5)
2.5.<=(3)
2.5.<=>(1.5)
2.5.<=>(3)
2.5.==(1.5)
2.5.===(1.5)
2.5.>(1.5)
2.5.>(3)
2.5.>=(1.5)
2.5.>=(3)
2.5.>>(1.5)
2.5.>>(3)
2.5.[](1.5)
2.5.[](3)
2.5.^(1.5)
2.5.^(3)
2.5.|(1.5)
2.5.|(3)
2.5.eql?(1.5)
2.5.equal?(1.5)
2.5.!=(1.5)
2.5.!
2.5.+@
2.5.-@
2.5.~
2.5.freeze
2.5.frozen?
2.5.inspect
2.5.new
2.5.nil?
2.5.not
2.5.then
2.5.to_a
2.5.to_s
2.5.[]=(0, 1)
2.5.is_a?(String)
2.5.kind_of?(Encoding)
2.5.respond_to?(:to_s)
2.5.respond_to?(:nope)
2.5.to_jail
# Rails
0.0.blank?
1.5.present?
1.5.presence
1.5.in?([1.5])
1.5.in?(1..2)
1.5.to_param
1.5.to_query("k")
1.5.acts_like?(:time)
1.5.duplicable?
# Refused
2.5.methods
