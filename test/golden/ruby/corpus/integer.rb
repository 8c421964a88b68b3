-5.abs
0.abs
(-(2**70)).abs
5.abs(1)
15.ceil
15.ceil(-1)
-15.ceil(-1)
11.ceil(-2)
15.ceil(2)
15.ceil("1")
(2**70).ceil(-5)
0.ceil(-1)
15.floor
15.floor(-1)
-15.floor(-1)
15.floor(1)
-1.floor(-3)
(2**70).floor(-5)
15.floor(nil)
15.round
15.round(-1)
25.round(-1)
25.round(-1, half: :even)
25.round(-1, half: :up)
25.round(-1, half: :down)
25.round(-1, half: "even")
35.round(-1, half: :even)
-25.round(-1, half: :even)
-25.round(-1, half: :down)
-25.round(-1)
25.round(-1, half: nil)
25.round(-1, half: :nope)
25.round(2, half: :even)
1.round(-1)
5.round(-1)
4.round(-20)
(2**70).round(-10)
25.round(1.9)
15.truncate
15.truncate(-1)
-15.truncate(-1)
199.truncate(-2)
(2**70).truncate(-5)
1.coerce(2)
1.coerce(2.5)
1.coerce("2")
1.coerce("x")
1.coerce(nil)
1.coerce(2**70)
7.div(2)
-7.div(2)
7.div(2.5)
7.div(-2)
7.div(0)
7.div(0.0)
(2**70).div(3)
7.div("2")
7.divmod(2)
-7.divmod(2)
7.divmod(-2)
7.divmod(2.5)
-7.divmod(2.5)
7.divmod(0)
7.divmod(0.0)
(2**70).divmod(-7)
3.downto(1).to_a
x = []; 3.downto(1) { |i| x.push(i) }; x
1.downto(3).to_a
3.downto(1.5).to_a
3.downto(1)
3.downto("1").to_a
65.chr
-1.chr
8364.chr("UTF-8")
233.chr(Encoding::UTF_8)
256.chr
55296.chr("UTF-8")
1114112.chr("UTF-8")
65.id2name
65.to_sym
1.integer?
1.0.integer?
(2**70).integer?
7.modulo(3)
-7.modulo(3)
7.modulo(-3)
7.modulo(2.5)
7.modulo(0)
7.modulo(0.0).nan?
(2**70).modulo(7)
-(2**70) % 7
1.next
-1.next
(2**62 - 1).next
9007199254740991.next
5.nonzero?
0.nonzero?
7.quo(2)
6.quo(3)
7.quo(2.0)
-7.quo(2)
7.quo(0)
7.quo(0.0)
6.quo(4)
1.quo("2")
13.remainder(4)
13.remainder(-4)
-13.remainder(4)
-13.remainder(-4)
13.remainder(4.5)
-13.remainder(4.5)
13.remainder(0)
12.remainder(-4)
1.size
(2**62).size
(2**64).size
(2**100).size
1.step(10, 3).to_a
x = []; 1.step(10, 4) { |i| x.push(i) }; x
10.step(1, -3).to_a
1.step(2, 0.5).to_a
1.0.step(2.0, 0.1).to_a
1.step(by: 2, to: 7).to_a
1.step(by: -1, to: -1).to_a
1.step(3).to_a
1.step(10, 0)
1.step(10, 0) { |i| i }
1.step(10, 3)
1.step(by: 2, to: 5)
1.step(10, "2") { |i| i }
x = []; 1.step { |i| break if i > 3; x.push(i) }; x
1.step(5, 2) { |i| i }
10.step(1).to_a
1.succ
-1.succ
(2**64).succ
3.times.to_a
x = []; 2.times { |i| x.push(i) }; x
0.times.to_a
-1.times.to_a
3.times
2.times { |i| i }
1.to_f
(2**70).to_f
(10**400).to_f
-3.to_f
5.to_i
(2**70).to_i
5.to_int
255.to_s
255.to_s(2)
255.to_s(16)
-255.to_s(36)
(2**70).to_s(36)
255.to_s(1)
255.to_s(37)
255.to_s("16")
1.upto(3).to_a
x = []; 1.upto(3) { |i| x.push(i) }; x
3.upto(1).to_a
1.upto(3.5).to_a
1.upto(3)
1.upto("3").to_a
1.upto(3) { |i| i }
0.zero?
1.zero?
5.hash == 5.hash
5.hash == 5.0.hash
1 + 2
1 + 2.5
1 + "2"
1 + nil
9007199254740991 + 1
9007199254740993 - 2
2**62 + 2**62
1 - 2.5
3 * 4
3 * 1.5
3 * "a"
4294967296 * 4294967296
7 / 2
-7 / 2
7 / -2
7 / 0
7 / 0.0
-7 / 0.0
7 / 2.0
(2**70) / (2**68)
7 % 3
7 % -3
-7 % 3
7 % 0
5.5 % 2
7 % 2.5
2 ** 10
2 ** 0
2 ** -1
2 ** -3
0 ** -1
0 ** 0
2 ** 0.5
2 ** 100
(-2) ** 3
-2 ** 2
(-8) ** 2.0
1 ** 100000000000
(-1) ** 1000001
2.pow(10, 1000)
2.pow(-1, 7)
3.pow(1000, -7)
10.fdiv(4)
+5
-5
-(2**70)
5.-@
5.+@
~5
~-1
~(2**70)
5 & 3
5 & -1
5 & 1.5
5 | 8
5 | nil
5 ^ 3
-5 ^ 3
1 << 10
1 << -1
-1 << 3
1 << 100
1 >> 1
-1 >> 100
1024 >> 3
1 >> -3
5[0]
5[1]
5[100]
-1[100]
5[-1]
5["a"]
1 < 2
1 < 1.5
1 < "2"
1 <= 1
1 > 2
2 >= 2
2**70 > 1.0e20
9007199254740993 == 9007199254740992.0
1 <=> 2
1 <=> 1.5
1 <=> "a"
1 == 1.0
1 == "1"
1.eql?(1.0)
1.eql?(1)
1.equal?(1)
1 === 1.0
1 != 2
!1
1.frozen?
1.freeze
1.inspect
1.is_a?(String)
1.kind_of?(String)
1.nil?
1.respond_to?(:+)
1.then { |x| x + 1 }
1.to_a
1.between?(0, 2)
1.clamp(2, 3)
5.clamp(2, 3)
5.clamp(..3)
5.clamp(3, 2)
10.digits
1234.digits(100)
-1.digits
10.gcd(4)
10.lcm(4)
10.even?
10.odd?
10.pred
10.bit_length
-1.bit_length
(2**70).bit_length
10.positive?
10.ord
10.numerator
10.to_r
100.digits.sum
(3.0).to_i + 1
1_000_000.to_s
1.singleton_method_added
# What every class may be asked
6.%(4)
6.%("a")
6.&(4)
6.&("a")
6.*(4)
6.*("a")
6.**(4)
6.**("a")
6.+(4)
6.+("a")
6.-(4)
6.-("a")
6./(4)
6./("a")
6.<(4)
6.<("a")
6.<<(4)
6.<<("a")
6.<=(4)
6.<=("a")
6.<=>(4)
6.<=>("a")
6.==(4)
6.===(4)
6.>(4)
6.>("a")
6.>=(4)
6.>=("a")
6.>>(4)
6.>>("a")
6.[](4)
6.[]("a")
6.^(4)
6.^("a")
6.|(4)
6.|("a")
6.eql?(4)
6.equal?(4)
6.!=(4)
6.!
6.+@
6.-@
6.~
6.freeze
6.frozen?
6.inspect
6.new
6.nil?
6.not
6.then
6.to_a
6.to_s
6.[]=(0, 1)
6.is_a?(String)
6.kind_of?(Encoding)
6.respond_to?(:to_s)
6.respond_to?(:nope)
6.to_jail
# Rails
0.blank?
1.present?
1.presence
1.in?([1, 2])
1.in?(1..3)
5.to_param
5.to_query("k")
5.acts_like?(:time)
5.duplicable?
1.ordinalize
11.ordinalize
22.ordinalize
# Refused
6.methods
