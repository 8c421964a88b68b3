# Anchors
"a\nb".scan(/^./)
"a\nb\n".scan(/.$/)
"a\nb".scan(/\A./)
"a\nb\n".scan(/.\z/)
"a\nb\n".scan(/.\Z/)
"foo bar".scan(/\b./)
"foo bar".scan(/\B./)
"éa b".scan(/\b./)
"".match(/^$/)
"\n".scan(/^$/)
# Sets
"aF9g-".scan(/\h/)
"aF9g-".scan(/\H/)
"a1_é -".scan(/\w/)
"a1_é -".scan(/\W/)
"a\u00a0\t\v b".scan(/\s/)
"a\n".scan(/\S/)
"1٣a".scan(/\d/)
"1٣a".scan(/\D/)
"a\r\nb\nc\rd".scan(/\R/)
"a\nb".scan(/[\s\S]/)
"a1-_".scan(/[^\W_]/)
"a-b]c".scan(/[\]-]/)
"a^b".scan(/[\^b]/)
"a^b".scan(/[b^]/)
"a-z".scan(/[a\-z]/)
"a.b".scan(/[.]/)
"a\\b".scan(/[\\]/)
"a/b".scan(/[\/]/)
"a\bc".scan(/[\b]/)
"xAéÉ9 _-".scan(/[[:alpha:]]/)
"xAéÉ9 _-".scan(/[[:alnum:]]/)
"xAéÉ9 _-".scan(/[[:upper:]]/)
"xAéÉ9 _-".scan(/[[:lower:]]/)
"xAéÉ9٣".scan(/[[:digit:]]/)
"a \t\n\u00a0\u3000".scan(/[[:space:]]/)
"a \t\n".scan(/[[:blank:]]/)
"a-b!c$d+e~é".scan(/[[:punct:]]/)
"aFgé".scan(/[[:xdigit:]]/)
"a_é-٣".scan(/[[:word:]]/)
"a\x01\u0080é".scan(/[[:cntrl:]]/)
"a\x01é".scan(/[[:ascii:]]/)
"ab1é".scan(/[[:alpha:]1]/)
"ab1é".scan(/[^[:alpha:]]/)
"日本ab".scan(/\p{Han}/)
"ひカa".scan(/\p{Hiragana}|\p{Katakana}/)
"aÉé1".scan(/\p{Lu}/)
"aÉé1".scan(/\p{L}/)
"aÉé1".scan(/\P{L}/)
"aÉé1".scan(/\p{^L}/)
"aÉé1".scan(/\p{Alpha}/)
"aÉé1".scan(/[\p{L}\d]/)
# Groups
"abc".match(/(?<x>b)(c)/).to_a
"abc".match(/(?<x>b)/)
"abc".match(/(a)(?:b)(c)/).to_a
"foobar".scan(/foo(?=bar)/)
"foobar foobaz".scan(/foo(?!bar)\w+/)
"price: 100".scan(/(?<=: )\d+/)
"a1 b2".scan(/(?<!a)\d/)
"aa bb ab".scan(/(\w)\1/)
"aa bb ab".scan(/(?<c>\w)\k<c>/)
"ab".match(/(?#comment)a/)
"\"x\" 'y'".scan(/(["'])(.*?)\1/)
# Repetition
"aaa".scan(/a{2}/)
"aaa".scan(/a{2,}/)
"aaa".scan(/a{,2}/)
"aaa".scan(/a{1,2}?/)
"aaa".scan(/a{2}?/)
"a{b".scan(/a{b/)
"a{,}".scan(/a{,}/)
"aaa".match(/a+?/)
"aaa".match(/a??/)
"abab".match(/(?:ab)*/)
# Options
"ABC".scan(/b/i)
"a\nb".match(/a.b/)
"a\nb".match(/a.b/m)
"ab".match(/a b # comment/x)
"a b".match(/a\ b/x)
"a b".match(/a[ ]b/x)
"aBC".match(/a(?i)b/)
"ABC".match(/a(?i)b/)
"AxC".match(/a(?i)b|AxC/)
"aBC".match(/a(?i:b)C/)
"aBc".match(/a(?i:b)C/)
"ABC".match(/(?-i:a)b/i)
"aBC".match(/(?-i:a)b/i)
"a\nb".match(/a(?m:.)b/)
"ab".match(/(?x: a b )/)
"éÉ".scan(/é/i)
"éÉ".scan(/(?i:é)/)
"Straße".match(/STRASSE/)
"aBcD".scan(/(?i:[b-d])/)
"aBcD".scan(/(?i)[^b]/)
"K".match(/k/i)
"É".match(/[é]/i)
"a".match(/A/o)
"ǅ".match(/ǆ/i)
"a b".scan(/(?mix: . )/)
# Characters
"é".match(/\u00e9/)
"é".match(/\u{e9}/)
"A".match(/\x41/)
"\e\a\f\v\t".scan(/\e|\a|\f|\v|\t/)
"a.b".scan(/\./)
"a-b".scan(/\-/)
"a/b".scan(/\//)
"a b".scan(/\ /)
"]".match(/]/)
"}".match(/}/)
"a\"b".scan(/\"/)
"日本".match(/本/)
"a😀b".scan(/./)
"a😀b".index(/b/)
# Regexp and MatchData
/a(.)/ === "xab"
/a/ === nil
/a/ === :a
/a/.match("cab")
/a/.match(nil)
/a/.match?("cab")
/a/.match("cab", 2)
/a/.match("b") { |m| m[0] }
/a/.source
/a\/b/i.inspect
/a/mix.to_s
/a/.to_s
/a/ == /a/
/a/ == /a/i
/a/.frozen?
/a/.options
/(?<x>a)/.names
"ab".match(/(a)(b)?(c)?/).to_a
"ab".match(/(a)(b)?(c)?/).captures
"ab".match(/(?<x>a)/).names
"ab".match(/(?<x>a)/)["x"]
"ab".match(/(?<x>a)/)["y"]
"ab".match(/(a)/)[1]
"ab".match(/(a)/)[5]
"ab".match(/(a)/)[-1]
"ab".match(/b/).pre_match
"ab".match(/a/).post_match
"éab".match(/a/).begin(0)
"éab".match(/a/).end(0)
"éab".match(/(b)/).begin(1)
"éab".match(/(b)(c)?/).end(2)
"éab".match(/a(b)/).offset(1)
"ab".match(/(a)(b)/).values_at(0, 2)
"ab".match(/(a)/).length
"ab".match(/(a)/).size
"ab".match(/a/).to_s
"ab".match(/(?<x>a)(?<y>z)?/).named_captures
"ab".match(/(?<x>a)(?<y>z)?/).inspect
"ab".match(/a/).string
"ab".match(/a/) == "ab".match(/a/)
"ab".match(/(a)/)[0, 2]
"ab".match(/(a)(b)/)[1..2]
case "abc" when /^b/ then 1 when /^a/ then 2 end
["a1", "b"].grep(/\d/)
["a1", "b"].grep_v(/\d/)
["a1", "b"].any?(/\d/)
# Refused
"a".match(/a++/)
"a".match(/a*+/)
"a".match(/(?>a)/)
"a".match(/\Ga/)
"a".match(/a\K/)
"a".match(/\X/)
"a".match(/(?<x>a)\g<x>/)
"a".match(/[a-z&&[^b]]/)
"a".match(/[[a]b]/)
"a".match(/[[:graph:]]/)
"a".match(/[[:^alpha:]]/)
"a".match(/\p{Emoji}/)
"a".match(/(?~a)/)
"a".match(/(a)?\1/)
"a".match(/(?:(a)|b)*/)
"a".match(/(a*)*/)
"a".match(/(?:a|(b))\1/)
"a".match(/[[:upper:]]/i)
"a".match(/\p{Lu}/i)
"a".match(/(a)(?i:b\1)/)
"a".match(/a{2}{3}/)
"a".match(/\cA/)
