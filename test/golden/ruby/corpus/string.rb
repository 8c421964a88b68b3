# Case
"hello".capitalize
"HELLO wORLD".capitalize
"".capitalize
"élan".capitalize
"1abc".capitalize
"ß".capitalize
"ǆ".capitalize
s = "abc"; [s.capitalize!, s]
s = "Abc"; [s.capitalize!, s]
"hello".freeze.capitalize!
"Hello".downcase
"ÀÉÎ".downcase
"ΑΣ".downcase
"İ".downcase
"".downcase
s = "ABC"; [s.downcase!, s]
"abc".downcase!
"Hello".downcase(:ascii)
"ÀB".downcase(:ascii)
"àb".upcase(:ascii)
"hello".upcase
"straße".upcase
"éa".upcase
"ﬁ".upcase
"ŉ".upcase
s = "abc"; [s.upcase!, s]
"ABC".upcase!
"x".freeze.upcase!
"Hello World".swapcase
"éÀ1".swapcase
"ß".swapcase
"".swapcase
s = "aB"; [s.swapcase!, s]
"12".swapcase!
"aBcDe".casecmp("abcde")
"a".casecmp("B")
"b".casecmp("A")
"abc".casecmp("ab")
"É".casecmp("é")
"a".casecmp(1)
"a".casecmp(nil)
"_".casecmp("a")
"[".casecmp("a")
"aBc".casecmp?("AbC")
"É".casecmp?("é")
"ß".casecmp?("ss")
"a".casecmp?(1)
# Padding
"abc".center(9)
"abc".center(8, "12")
"abc".center(2)
"abc".center(-5)
"é".center(4, "日")
"abc".center(9, "")
"abc".center
"abc".center("9")
"abc".center(7.9)
"abc".center(nil)
"abc".ljust(6)
"abc".ljust(7, "xy")
"abc".ljust(3)
"abc".ljust(5, "")
"日本".ljust(4, "*")
"abc".ljust("5")
"abc".rjust(6)
"abc".rjust(7, "xy")
"abc".rjust(2)
"日".rjust(3, "é")
"abc".rjust
"".rjust(3, "ab")
# Building
s = "a"; [s.concat("b", "c"), s]
s = "a"; s.concat(s, s)
"a".concat
"a".concat(98)
"a".concat(8364)
"a".concat(nil)
"a".concat(-1)
"a".freeze.concat("b")
s = "a"; s << "b" << 99; s
"a" << 1.5
"a" << :b
"abcd".insert(0, "X")
"abcd".insert(3, "X")
"abcd".insert(4, "X")
"abcd".insert(-3, "X")
"abcd".insert(-1, "X")
"abcd".insert(5, "X")
"abcd".insert(-6, "X")
"日本".insert(1, "é")
"abcd".insert(1)
"abcd".insert("1", "X")
"abcd".freeze.insert(1, "X")
s = "ab"; [s.insert(1, "-"), s]
"abc" + "def"
"abc" + 1
"abc" + nil
"abc" + :d
"ab" * 3
"ab" * 0
"ab" * -1
"ab" * 1.9
"ab" * "2"
"ab" * nil
# Counting and deleting
"hello world".count("lo")
"hello world".count("lo", "o")
"hello world".count("hello", "^l")
"hello".count("ej-m")
"hello^".count("^")
"hello".count("")
"hel-lo".count("a-e-")
"hel-lo".count("-")
"a\\b".count("\\\\")
"a^b".count("\\^")
"a-b".count("a\\-z")
"hello".count
"hello".count("z-a")
"日本語".count("日-語")
"hello".delete("l", "lo")
"hello".delete("lo")
"hello".delete("aeiou", "^e")
"hello".delete("ej-m")
"hello".delete
"hello".delete("z-a")
"he-l".delete("-l")
"日本語".delete("本")
s = "hello"; [s.delete!("l"), s]
s = "hello"; [s.delete!("z"), s]
"hello".delete!
"hello".freeze.delete!("l")
"yellow moon".squeeze
"  now   is  ".squeeze(" ")
"putters shoot balls".squeeze("m-z")
"aabbcc".squeeze("a-b", "^b")
"ああい".squeeze
"aab".squeeze("")
s = "aab"; [s.squeeze!, s]
s = "abc"; [s.squeeze!, s]
"aab".squeeze!("b")
"aab".freeze.squeeze!
# Ends
"hello\n".chomp
"hello\r\n".chomp
"hello\n\n".chomp
"hello\r".chomp
"hello\n\r".chomp
"hello".chomp
"hello".chomp("llo")
"hello\n".chomp("")
"hello\n\n\r\n".chomp("")
"hello\r\n\r\n".chomp("")
"hello\r".chomp("")
"hello\n".chomp(nil)
"hello\r\n".chomp("\n")
"hello\r".chomp("\n")
"hello".chomp("")
"hello".chomp("o", "l")
"hello".chomp(1)
s = "a\n"; [s.chomp!, s]
s = "a"; [s.chomp!, s]
"hello".chomp!("x")
"a".freeze.chomp!
"string\r\n".chop
"string\n\r".chop
"string".chop
"x".chop
"".chop
"é".chop
"日本".chop
s = "ab"; [s.chop!, s]
s = ""; [s.chop!, s]
"ab".freeze.chop!
"hello".start_with?("hell")
"hello".start_with?(/H/i)
"hello".start_with?("heaven", "hell")
"hello".start_with?
"hello".start_with?("")
"hello".start_with?(1)
"hello".start_with?(/l/)
"a\nb".start_with?(/b/)
"a\nb".start_with?(/^b/)
"日本".start_with?("日")
"hello".end_with?("ello")
"hello".end_with?("heaven", "ello")
"hello".end_with?
"hello".end_with?("")
"hello".end_with?(nil)
"hello".end_with?(/o/)
# White space
"  hello  ".strip
"\tgoodbye\r\n".strip
"\0 a \0".strip
"\u00a0a\u00a0".strip
"\v\f a".strip
"".strip
s = " a"; [s.strip!, s]
s = "a"; [s.strip!, s]
" a".freeze.strip!
"  hello  ".lstrip
"\n\t hello".lstrip
"\0 a".lstrip
s = " a "; [s.lstrip!, s]
"a ".lstrip!
" a".freeze.lstrip!
"  hello  ".rstrip
"hello\n\t\0".rstrip
"hello\0\0 ".rstrip
s = " a "; [s.rstrip!, s]
" a".rstrip!
"a ".freeze.rstrip!
# Bytes and numbers
"abc".each_byte.to_a
x = []; "aé".each_byte { |b| x.push(b) }; x
"".each_byte.to_a
"ab".each_byte
"a".each_byte { |b| b }
"hello".sum
"é".sum
"".sum
"hello".sum(8)
("z" * 1000).sum
("z" * 1000).sum(0)
"hello".sum(3)
"0x0a".hex
"-1234".hex
"0".hex
"wombat".hex
"0xg".hex
"ff_f".hex
"ff__f".hex
"  0xff".hex
"-0xff".hex
"0x".hex
"fffffffffffffffffff".hex
"".hex
"123".oct
"-377".oct
"bad".oct
"0377bad".oct
"0x1f".oct
"0b101".oct
"0o17".oct
"0d19".oct
"789".oct
"-0b11".oct
"0_7".oct
"".oct
"12345".to_i
"99 red balloons".to_i
"0a".to_i
"hello".to_i
"1100101".to_i(2)
"1100101".to_i(8)
"1100101".to_i(16)
"z".to_i(36)
"0x1A".to_i(16)
"0x1A".to_i(0)
"0b11".to_i(0)
"017".to_i(0)
"0o17".to_i(0)
"19".to_i(0)
"0b11".to_i(2)
"1".to_i(1)
"1".to_i(37)
"1".to_i(-2)
" \n 42".to_i
"+5".to_i
"- 5".to_i
"--5".to_i
"1_000_000".to_i
"1__0".to_i
"_1".to_i
"123456789012345678901234567890".to_i
"1e5".to_i
"12".to_i("8")
"123.45e1".to_f
"45.67 degrees".to_f
"thx1138".to_f
".5".to_f
"5.".to_f
"-.5".to_f
"1e".to_f
"1e-3x".to_f
"1_000.5".to_f
"1__0.5".to_f
"1._5".to_f
"Infinity".to_f
"NaN".to_f
"0x1A".to_f
"  3.7".to_f
"".to_f
"-0".to_f
"1e400".to_f
"1e-400".to_f
"9007199254740993".to_f
# Searching
"hello".include?("lo")
"hello".include?("")
"hello".include?("ol")
"hello".include?(/l/)
"hello".include?(nil)
"hello".include?(104)
"hello".index("e")
"hello".index("lo")
"hello".index("a")
"hello".index(/[aeiou]/, -3)
"hello".index("l", 3)
"hello".index("", 5)
"hello".index("", 6)
"hello".index("l", -10)
"日本語日".index("日", 1)
"hello".index(1)
"hello".index(nil)
"hello".index("l", "1")
"hello".rindex("e")
"hello".rindex("l")
"hello".rindex("a")
"hello".rindex(/[aeiou]/, -2)
"hello".rindex("l", 2)
"hello".rindex("l", -2)
"hello".rindex("", 10)
"hello".rindex("h", -6)
"hello".rindex("")
"日本語日".rindex("日", 2)
"hello".rindex(1)
"aaa".rindex(/a+/)
"hello".match("l")
"hello".match(/l(l)(o)/)
"hello".match(/xx/)
"hello".match("l", 3)
"hello".match(/h/, 1)
"hello".match("(")
"a.c abc".match("a.c")
"a.c abc".match("b.").to_a
"hello".match(/(?<x>l)/)
"hello".match(/(?<x>l)/)[:x]
"hello".match(/e(.)/) { |m| m[1] }
"hello".match(/q/) { |m| m[1] }
"hello".match(1)
"hello".match(nil)
"foo bar".match(/(?<first>\w+) (?<second>\w+)/).named_captures
"hello".scan(/l/)
"cruel world".scan(/\w+/)
"cruel world".scan(/.../)
"cruel world".scan(/(...)/)
"cruel world".scan(/(..)(..)/)
"hello".scan("l")
"hello".scan("")
"hello".scan(/x/)
x = []; "a1b2".scan(/([a-z])(\d)/) { |l, d| x.push(d + l) }; x
"ab".scan(/./) { |c| c }
"aé日".scan(/./)
"hello".scan(1)
"a.b.c".scan(".")
"hello".slice(1)
"hello".slice(1, 3)
"hello".slice(-3, 2)
"hello".slice(5)
"hello".slice(5, 2)
"hello".slice(6, 2)
"hello".slice(1, -1)
"hello".slice(1..3)
"hello".slice(-2..)
"hello".slice(..-2)
"hello".slice(5..)
"hello".slice(6..)
"hello".slice(3..1)
"hello".slice(/[aeiou](.)\1/)
"hello".slice(/e(.)/, 1)
"hello".slice(/e(.)/, 2)
"hello".slice(/(?<v>[aeiou])/, "v")
"hello".slice(/(?<v>[aeiou])/, :v)
"hello".slice("lo")
"hello".slice("bye")
"hello".slice(1.9)
"hello".slice(nil)
"hello".slice("l", 1)
"日本語".slice(1, 2)
"日本語"[-1]
"hello"[/(?<v>x)/, "w"]
s = "hello"; [s.slice!(2), s]
s = "hello"; [s.slice!(3..6), s]
s = "hello"; [s.slice!(/el(.)/), s]
s = "hello"; [s.slice!("lo"), s]
s = "hello"; [s.slice!(10), s]
s = "hello"; [s.slice!("x"), s]
s = "hello"; [s.slice!(1, 2), s]
s = "hello"; [s.slice!(/h(e)l/, 1), s]
s = "日本語"; [s.slice!(-2, 1), s]
"hello".freeze.slice!(1)
s = "hello"; s.[]=(0, "J"); s
s = "hello"; s.[]=(1, 3, "u"); s
s = "hello"; s.[]=(1..2, "EE"); s
s = "hello"; s.[]=("ll", "LL"); s
s = "hello"; s.[]=(/l+/, "r"); s
s = "hello"; s.[]=(/h(e)/, 1, "E"); s
s = "hello"; s.[]=("x", "y"); s
s = "hello"; s.[]=(9, "y"); s
s = "hello"; s.[]=(-1, "y"); s
s = "hello"; s.[]=(5, "y"); s
s = "hello"; s.[]=(1, 2)
"hello".freeze.[]=(0, "J")
# Replacing
"hello".gsub(/[aeiou]/, "*")
"hello".gsub(/([aeiou])/, '<\1>')
"hello".gsub(/[eo]/, "e" => 3, "o" => "*")
"hello".gsub(/(?<foo>[aeiou])/, '{\k<foo>}')
"hello".gsub(/l/) { |m| m.upcase + "!" }
"hello".gsub("l", '\0\0')
"hello".gsub("l", '\\\\')
"hello".gsub(/l/, '\\\\0')
"hello".gsub(/(l)(l)/, '\2-\1-\3-\9')
"hello".gsub(/l/, '\`')
"hello".gsub(/l/, "\\'")
"hello".gsub(/l/, '\&\&')
"hello".gsub(/ll/, '\k<x>')
"hello".gsub(/(?<x>l)/, '\k<y>')
"hello".gsub(/(?<x>l)/, '\1')
"hello".gsub(/x*/, "-")
"日本".gsub(//, "-")
"hello".gsub("", ".")
"a.b".gsub(".", "-")
"hello".gsub(/l/)
"hello".gsub(/l/).to_a
"hello".gsub("l", nil)
"hello".gsub(nil, "x")
"hello".gsub(1, "x")
"hello".gsub(/l/, 1)
"hello".gsub
"hello".gsub(/L/i, "1")
"a\nb".gsub(/^/, "> ")
"a\nb\n".gsub(/$/, "!")
"path/to".gsub("/", "\\/")
"it's".gsub("'", "\\\\'")
s = "hello"; [s.gsub!(/l/, "L"), s]
s = "hello"; [s.gsub!(/z/, "L"), s]
s = "hello"; [s.gsub!(/l/, "l"), s]
s = "hello"; [s.gsub!("l") { |m| m * 2 }, s]
"hello".freeze.gsub!(/l/, "L")
"hello".freeze.gsub!(/z/, "L")
"hello".sub(/[aeiou]/, "*")
"hello".sub(/([aeiou])/, '<\1>')
"hello".sub("l") { |m| m.upcase }
"hello".sub(/(?<foo>[aeiou])/, '*\k<foo>*')
"hello".sub("z", "x")
"hello".sub("", "x")
"hello".sub(/l/, "l" => "1")
"hello".sub(/l/)
"hello".sub("l", "a\\0b")
s = "hello"; [s.sub!(/l/, "L"), s]
s = "hello"; [s.sub!(/z/, "L"), s]
s = "hello"; [s.sub!(/l/, "l"), s]
"hello".freeze.sub!(/l/, "L")
"hello".tr("el", "ip")
"hello".tr("aeiou", "*")
"hello".tr("^aeiou", "*")
"hello".tr("el", "")
"hello".tr("a-y", "b-z")
"hello".tr("elo", "1-2")
"he-llo".tr("-", "_")
"he-llo".tr("a-", "_+")
"hello".tr("", "x")
"hel^lo".tr("^", "x")
"hello".tr("l-e", "x")
"hello".tr("a\\-z", "*")
"h\\e".tr("\\\\", "/")
"hello".tr("^l", "ab")
"日本".tr("日", "月")
"hello".tr("lle", "abc")
"hello".tr("l")
"hello".tr(1, 2)
s = "hello"; [s.tr!("l", "L"), s]
s = "hello"; [s.tr!("z", "L"), s]
"hello".freeze.tr!("l", "L")
"hello".tr_s("l", "r")
"hello".tr_s("el", "*")
"hello".tr_s("el", "ip")
"hello".tr_s("el", "hx")
"aabbcc".tr_s("ab", "xx")
"aabb".tr_s("a", "")
"hello".tr_s("^l", "*")
s = "hello"; [s.tr_s!("l", "r"), s]
s = "hello"; [s.tr_s!("z", "r"), s]
"hello".freeze.tr_s!("l", "r")
# Splitting
" now's  the time ".split
" now's  the time ".split(" ")
" now's  the time".split(/ /)
"1, 2.34,56, 7".split(%r{,\s*})
"hello".split(//)
"hello".split(//, 3)
"hi mom".split(%r{\s*})
"mellow yellow".split("ello")
"1,2,,3,4,,".split(",")
"1,2,,3,4,,".split(",", 4)
"1,2,,3,4,,".split(",", -4)
"1:2:3".split(/(:)()()/, 2)
"".split(",", -1)
"".split("")
"aéb".split("é")
"a b c".split(nil)
"a b c".split(nil, 2)
"a  b  c ".split(" ", 2)
"a  b  c ".split(" ", -1)
" a b ".split(" ", 1)
"abc".split("b", 1)
"abc".split(1)
"a,b".split(",", "2")
x = []; ["a,b".split(",") { |p| x.push(p) }, x]
",a".split(",")
",".split(",")
"日 本".split
"a\tb\nc".split
# Lines and walks
"hello\nworld".each_line.to_a
"hello\nworld\n".each_line.to_a
x = []; "a\nb".each_line { |l| x.push(l) }; x
"a\n\n\nb\n\nc".each_line("").to_a
"a,b,c".each_line(",").to_a
"a\nb\n".each_line(chomp: true).to_a
"a\r\nb\n".each_line(chomp: true).to_a
"a,b".each_line(",", chomp: true).to_a
"".each_line.to_a
"a\nb".each_line(nil).to_a
"a".each_line
"a\nb\n".lines
"a\nb\n".lines(chomp: true)
"a8".upto("b6").to_a
x = []; "9".upto("11") { |s| x.push(s) }; x
"25".upto("5").to_a
"a".upto("e", true).to_a
"07".upto("11").to_a
"a".upto("c")
"9".upto("b").to_a
"z".upto("a").to_a
"a".upto(1).to_a
"b".upto("a") { |x| x }
"a".upto("aa").to_a
"zz".upto("a").to_a
"é".upto("í").to_a
# Next
"abcd".succ
"THX1138".succ
"<<koala>>".succ
"1999zzz".succ
"ZZZ9999".succ
"***".succ
"1.9.9".succ
"".succ
"a-9".succ
"-9".succ
"Az".succ
"zZ9".succ
"a!".succ
"é".succ
"日".succ
"9".succ
"1.9".succ
"aé".succ
"zé".succ
"<Zz>".succ
"-".succ
"a9z".next
"zz99".next
s = "az"; [s.succ!, s]
s = "az"; [s.next!, s]
"z".freeze.succ!
"z".freeze.next!
# Turning
"stressed".reverse
"日本語".reverse
"".reverse
"a😀b".reverse
s = "abc"; [s.reverse!, s]
s = "aba"; [s.reverse!, s]
s = ""; s.reverse!
"abc".freeze.reverse!
"hello".length
"日本語".length
"😀".length
"".length
"e\u0301".length
"hello".size
"日本語".size
"".size
"".empty?
" ".empty?
"a".empty?
# Inspecting
"hello\n".dump
"\u00e9\u{1f600}\t\e\x01".dump
"#\{a} \#$a #a \"\\".dump
"日本".dump
"".dump
"\x7f\0".dump
"tab\tquote\"".inspect
"\u0000\u0007\b\v\f\r\e\u007f".inspect
"\u200b\u2028\ufeff\u{e000}\u00ad".inspect
"é日😀".inspect
"\#{x} \#$x \#@x # {".inspect
"\u0080\u009f\u00a0".inspect
"\u{10ffff}".inspect
"a" "b"
"abc".to_s
s = "a"; s.to_s.equal?(s)
"abc".to_str
s = "a"; s.to_str << "b"; s
"".to_str
"hello".to_sym
"hello world".to_sym
"".to_sym
"9a".to_sym
"a?".to_sym
"a=".to_sym
"é".intern
"a-b".intern
"[]".intern
"hello".hash == "hello".hash
"hello".hash == "Hello".hash
"hello".hash == :hello.hash
"a".hash.is_a?(String)
"abc".force_encoding("UTF-8")
"abc".force_encoding(Encoding::UTF_8)
"abc".force_encoding("nope")
"abc".force_encoding(nil)
"abc".force_encoding("ASCII-8BIT") == "abc"
s = "a"; s.force_encoding("utf-8").equal?(s)
"a".freeze.force_encoding("UTF-8")
# Character sets of Japanese
"abc".isutf8
"日本".isutf8
"".isutf8
"日本".toutf8
"abc".toutf8
# Comparing
"a" == "a"
"a" == :a
"a" == nil
"a".eql?("a")
"a".eql?(:a)
"a".equal?("a")
s = "a"; s.equal?(s)
"a" === "a"
"a" != "b"
"a" <=> "b"
"b" <=> "a"
"a" <=> "a"
"a" <=> "ab"
"a" <=> 1
"é" <=> "z"
"\u{ffff}" <=> "\u{10000}"
"a" < "b"
"a" <= "a"
"a" > "b"
"b" >= "a"
"a" < 1
"a".between?("a", "c")
"b".clamp("c", "d")
"%05d" % 42
"%s and %s" % ["a", "b"]
"%s" % nil
"%s" % [nil]
"%p" % [nil]
"%d" % "12"
"%x" % 255
"%%" % []
"%d" % nil
"%s %s" % ["a"]
"%{a}-%<b>03d" % { a: 1, b: 2 }
"%{c}" % { a: 1 }
"%s" % [[1, 2]]
"%s" % { a: 1 }
"a".freeze.frozen?
"a".frozen?
:a.to_s.frozen?
"a".freeze << "b"
"a".is_a?(String)
"a".kind_of?(String)
"a".nil?
"a".respond_to?(:upcase)
"a".respond_to?("nope")
"a".then { |s| s + "b" }
"a".then
"a".nope
"abc".ord
"".ord
"日".ord
"abc".chars
"abc".bytes
"abc".each_char.to_a
"abc".prepend("x", "y")
"abc".replace("d")
s = "abc"; s.clear; s
"abc".delete_prefix("a")
"abc".delete_suffix("c")
"abc".delete_prefix("x")
s = "abc"; [s.delete_prefix!("x"), s.delete_suffix!("c"), s]
"a-b-c".partition("-")
"a-b-c".rpartition("-")
"abc".rpartition("x")
"aXbXc".rpartition(/X/)
"aaa".rpartition(/a+/)
"é".bytesize
"é".ascii_only?
String.new
String.new("abc")
s = "a"; String.new(s).equal?(s)
String.new(1)
String.new("a", "b")
String.name
String.to_s
"é".encode("UTF-8")
"é".unicode_normalize(:nfd).length
"aaa".sub("a", "b").gsub("a", "c")
"abc".each_with_index
"abc".eql?("abc") == "abc".equal?("abc")
# What every class may be asked
"ab".%("ab")
"ab".%(3)
"ab".&("ab")
"ab".&(3)
"ab".*("ab")
"ab".*(3)
"ab".**("ab")
"ab".**(3)
"ab".+("ab")
"ab".+(3)
"ab".-("ab")
"ab".-(3)
"ab"./("ab")
"ab"./(3)
"ab".<("ab")
"ab".<(3)
"ab".<<("ab")
"ab".<<(3)
"ab".<=("ab")
"ab".<=(3)
"ab".<=>("ab")
"ab".<=>(3)
"ab".==("ab")
"ab".===("ab")
"ab".>("ab")
"ab".>(3)
"ab".>=("ab")
"ab".>=(3)
"ab".>>("ab")
"ab".>>(3)
"ab".[]("ab")
"ab".[](3)
"ab".^("ab")
"ab".^(3)
"ab".|("ab")
"ab".|(3)
"ab".eql?("ab")
"ab".equal?("ab")
"ab".!=("ab")
"ab".!
"ab".+@
"ab".-@
"ab".~
"ab".freeze
"ab".frozen?
"ab".inspect
"ab".new
"ab".nil?
"ab".not
"ab".then
"ab".to_a
"ab".to_s
"ab".[]=(0, 1)
"ab".is_a?(String)
"ab".kind_of?(Encoding)
"ab".respond_to?(:to_s)
"ab".respond_to?(:nope)
"a".to_xs
"ab".to_jail
# Rails
"".blank?
"  \n\t".blank?
"\u00a0".blank?
"\u3000 ".blank?
"a".blank?
"\u200b".blank?
"".present?
" a".present?
"".presence
" ".presence
"a".presence
"a".in?(["a", "b"])
"a".in?("abc")
"z".in?("abc")
"a".in?(1)
"a b&c".to_param
"a b".to_query("k")
"ä/ü~".to_query("a[b]")
"a".acts_like?(:string)
"a".acts_like?(:time)
"a".duplicable?
"  foo   bar \n ".squish
"hello world".truncate(8)
"foo_bar".dasherize
"hello".first
"hello".first(2)
"hello".last(3)
"hello".at(1)
"hello".from(2)
"hello".to(1)
"a\nb".indent(2)
"hello".remove("l")
"abc".exclude?("b")
"abc".starts_with?("a")
"abc".ends_with?("c")
# Refused
"abc".crypt("ab")
"a".kconv("UTF-8", "UTF-8")
"a".toeuc
"a".tojis
"a".tosjis
"a".toutf16
"a".iseuc
"a".issjis
"ab".methods
