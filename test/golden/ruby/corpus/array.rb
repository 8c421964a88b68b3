[nil, 1].any?
[].any?
[nil, false].any?
[1, 2].any? { |x| x > 1 }
[1, "a"].any?("a")
["ab", "c"].any?(/b/)
[1, 2].any?(1..1)
[[1, 2]].any? { |a, b| b == 2 }
[[1, 2], [3, 4]].assoc(3)
[[1, 2], 3].assoc(5)
[1, [1]].assoc(1)
[].assoc(1)
[[1.0, 2]].assoc(1)
["a", "b"].at(0)
["a", "b"].at(-1)
["a", "b"].at(5)
["a", "b"].at(-5)
["a"].at("0")
["a", "b"].at(1.9)
[1, 2].collect { |x| x * 2 }
[1, 2].collect
[[1, 2]].collect { |a, b| a + b }
[].collect { |x| x }
a = [1, 2]; [a.collect! { |x| x + 1 }, a]
[1].collect!
[1].freeze.collect! { |x| x }
[1, nil, 2, nil, false].compact
[].compact
a = [nil, 1]; [a.compact!, a]
[1].compact!
[nil].freeze.compact!
a = [1]; [a.concat([2], [3, 4]), a]
a = [1]; a.concat(a, a)
[1].concat
[1].concat(2)
[1].freeze.concat([2])
a = [1, 2, 1]; [a.delete(1), a]
[1, 2].delete(3)
[1, 2].delete(3) { |x| x * 2 }
["a"].delete("a")
[1].delete(1.0)
[1].freeze.delete(1)
[2].freeze.delete(1)
a = [1, 2, 3]; [a.delete_at(1), a]
[1, 2].delete_at(5)
a = [1, 2]; [a.delete_at(-1), a]
[1].delete_at(-5)
[1].delete_at("0")
[1].freeze.delete_at(0)
a = [1, 2, 3]; [a.delete_if { |x| x > 1 }, a]
[1, 2].delete_if
[1].delete_if { |x| false }
[1].freeze.delete_if { |x| true }
x = []; [1, 2].each { |i| x.push(i) }; x
[1, 2].each { |i| i }
[1, 2].each
x = []; [[1, [2, 3]]].each { |a, (b, c)| x.push(c) }; x
a = [1, 2, 3]; x = []; a.each { |i| x.push(i); a.shift if i == 1 }; x
x = []; ["a", "b"].each_index { |i| x.push(i) }; x
["a"].each_index
["a"].each_index { |i| i }
[].each_index { |i| i }
[].empty?
[nil].empty?
[1, 2].fetch(0)
[1, 2].fetch(-1)
[1, 2].fetch(5)
[1, 2].fetch(5, "x")
[1, 2].fetch(5) { |i| i * 2 }
[1, 2].fetch(-5, nil)
[1, 2].fetch(-3)
[1, 2].fetch("0")
[1, 2, 3].fill(0)
[1, 2, 3].fill(0, 1)
[1, 2, 3].fill(0, 1, 1)
[1, 2, 3].fill(0, 0..1)
[1, 2, 3].fill { |i| i * i }
[1, 2, 3].fill(-2) { |i| i * i }
[1, 2].fill(9, 4, 2)
[1, 2, 3].fill(0, -2)
[1, 2, 3].fill(0, 1, 0)
[1, 2, 3].fill(0, nil, 2)
[1, 2, 3].fill(0, 1...5)
[1, 2, 3].fill(0, -5..1)
[1, 2, 3].fill
[1, 2, 3].fill(0, 1, -1)
[1].freeze.fill(0)
[1, 2, 3].first
[1, 2, 3].first(2)
[].first
[].first(2)
[1].first(-1)
[1].first("1")
[1, 2, 3].first(0)
[1, [2, [3, [4]]]].flatten
[1, [2, [3, [4]]]].flatten(1)
[1, [2, [3]]].flatten(0)
[1, [2]].flatten(-1)
[1, [2]].flatten(nil)
[[], [[]]].flatten
[1, { a: [2] }].flatten
[1].flatten("1")
a = []; a << a; a.flatten
a = [1, [2]]; [a.flatten!, a]
[1].flatten!
[1, [2, [3]]].flatten!(1)
[[1]].freeze.flatten!
[1, 2].hash == [1, 2].hash
[1, 2].hash == [2, 1].hash
[1].hash == [1.0].hash
a = []; a << a; a.hash == a.hash
[1, 2].include?(2)
[1, 2].include?(2.0)
[1, 2].include?("1")
[nil].include?(nil)
[].include?(1)
[1, 2, 1].index(1)
[1, 2].index(3)
[1, 2].index { |x| x > 1 }
[1, 2].index
[1, 2].index(1.0)
[1, 2].index(2) { |x| x == 1 }
[1, 2].indexes(0)
[1, 2].indices(0)
[1, 2].nitems
[1, 2, 3].inject { |s, x| s + x }
[1, 2, 3].inject(10) { |s, x| s + x }
[1, 2, 3].inject(:+)
[1, 2, 3].inject(10, :*)
[1, 2, 3].inject("+")
[].inject(:+)
[].inject(5) { |s, x| s }
[5].inject { |s, x| 0 }
[[1, 2], [3, 4]].inject(0) { |s, (a, b)| s + a * b }
[1, 2].inject
[1, "a"].inject(:+)
[1, 2].inject(:nope)
[1, 2].insert(1, "a")
[1, 2].insert(-2, "a")
[1, 2].insert(-1, "a", "b")
[1, 2].insert(4, "a")
[1, 2].insert(-4, "a")
[1, 2].insert(1)
[1, 2].insert
[1].freeze.insert(0, 1)
[1, 2].join
[1, 2].join(",")
[1, [2, [3]]].join("-")
[nil, "a", :b, 1.5].join("|")
[].join(",")
[1, 2].join(nil)
[1, 2].join(1)
a = [1]; a << a; a.join(",")
[1, 2, 3].last
[1, 2, 3].last(2)
[].last
[1].last(5)
[1].last(-1)
[1, 2].length
[].length
[[1, 2]].length
[1, 2].map { |x| x + 1 }
[1, 2].map
[[1, 2]].map { |x| x }
["a"].map { |x, y| [x, y] }
a = [1, 2]; [a.map! { |x| x * 2 }, a]
[1].map!
[1].freeze.map! { |x| x }
a = [1, 2]; [a.pop, a]
a = [1, 2, 3]; [a.pop(2), a]
[].pop
[].pop(1)
[1].pop(-1)
[1].freeze.pop
a = [1]; [a.push(2, 3), a]
[1].push
[1].push([2])
[1].freeze.push(2)
[[1, 2], [3, 4]].rassoc(4)
[[1, 2]].rassoc(1)
[1, [2]].rassoc(2)
[1, 2, 3].reject { |x| x > 1 }
[1].reject
[].reject { |x| true }
a = [1, 2, 3]; [a.reject! { |x| x > 1 }, a]
[1].reject! { |x| false }
[1].reject!
[1].freeze.reject! { |x| true }
[1, 2, 3].reverse
[].reverse
a = [1, 2]; [a.reverse!, a]
[].reverse!
[1].freeze.reverse!
x = []; [1, 2].reverse_each { |i| x.push(i) }; x
[1, 2].reverse_each.to_a
[1].reverse_each
[1, 2].reverse_each { |i| i }
[1, 2, 1].rindex(1)
[1].rindex(2)
[1, 2, 3].rindex { |x| x < 3 }
[1].rindex
[1, 2, 3].select { |x| x > 1 }
[1].select
[[1, 2]].select { |a, b| b == 2 }
a = [1, 2]; [a.shift, a]
a = [1, 2, 3]; [a.shift(2), a]
[].shift
[1].shift(-1)
[].shift(1)
[1].freeze.shift
[1, 2].size
[].size
[1, 2, 3].slice(1)
[1, 2, 3].slice(1, 2)
[1, 2, 3].slice(1..)
[1, 2, 3].slice(-2, 1)
[1, 2, 3].slice(3, 1)
[1, 2, 3].slice(4, 1)
[1, 2, 3].slice(1...-1)
[1, 2, 3].slice(5..6)
[1, 2, 3].slice(1, -1)
[1, 2, 3].slice("1")
a = [1, 2, 3]; [a.slice!(1), a]
a = [1, 2, 3]; [a.slice!(0, 2), a]
a = [1, 2, 3]; [a.slice!(1..5), a]
a = [1, 2, 3]; [a.slice!(5), a]
a = [1, 2, 3]; [a.slice!(-1), a]
a = [1, 2, 3]; [a.slice!(3, 1), a]
a = [1, 2, 3]; [a.slice!(4, 1), a]
a = [1, 2, 3]; [a.slice!(-5, 2), a]
[1].freeze.slice!(0)
[3, 1, 2].sort
["b", "a"].sort
[3, 1, 2].sort { |a, b| b <=> a }
[].sort
[1, "a"].sort
[nil, 1].sort
[1, 2.5, 2].sort
[[2, 1], [1, 2]].sort
[3, 1].sort { |a, b| nil }
[3, 1].sort { |a, b| "x" }
[1].sort { |a, b| nil }
[:b, :a].sort
[true, false].sort
a = [2, 1]; [a.sort!, a]
a = [1, 2]; a.sort! { |x, y| y <=> x }
[2, 1].freeze.sort!
[1, 2].sort!.equal?(nil)
[[1, 2], [3, 4]].transpose
[].transpose
[[1, 2], [3]].transpose
[[]].transpose
[1].transpose
[1, 1, 2].uniq
[1, 1.0].uniq
["a", "a"].uniq
[1, 2, 3].uniq { |x| x % 2 }
[[1], [1]].uniq
[{ a: 1 }, { a: 1 }].uniq
[].uniq
[0.0, -0.0].uniq
a = [1, 1]; [a.uniq!, a]
[1].uniq!
[1, 2, 3].uniq! { |x| x % 2 }
[1, 1].freeze.uniq!
a = [1]; [a.unshift(2, 3), a]
[1].unshift
[1].freeze.unshift(2)
["a", "b", "c"].values_at(0, 2)
["a", "b"].values_at(-1, 5)
["a", "b", "c"].values_at(1..3)
["a", "b", "c"].values_at(0, 1..2)
["a", "b"].values_at(3..4)
["a", "b"].values_at(-5..1)
["a"].values_at
["a"].values_at("0")
[1, 2].zip([3, 4])
[1, 2].zip([3], [4, 5, 6])
[1].zip
[1, 2].zip(3..4)
[1].zip(1)
x = []; [[1, 2].zip([3, 4]) { |a| x.push(a) }, x]
[1, 2] & [2, 3]
[1, 1] & [1]
[1] & 1
[1, 2] * 2
[1, 2] * ","
[1] * -1
[1] * nil
[1] + [2]
[1] + 2
[1] + nil
[1, 2, 1] - [1]
[1] - 1
[1, 2] | [2, 3]
[1, 1] | []
[1] << 2
[1] << [2]
a = [1]; a << 2 << 3; a
[1].freeze << 2
[1, 2] <=> [1, 3]
[1, 2] <=> [1]
[] <=> []
[1] <=> ["a"]
[1] <=> 1
[1, 2] == [1, 2]
[1] == [1.0]
[1] == 1
[1].eql?([1.0])
[1].eql?([1])
[1] === [1]
[1] != [2]
[1].equal?([1])
a = [1]; a.equal?(a)
[1, 2, 3][0]
[1, 2, 3][-1]
[1, 2, 3][1, 2]
[1, 2, 3][0..1]
[1, 2, 3][3..]
[1, 2, 3][4..]
[1, 2, 3][0..-1]
[1][nil]
a = [1, 2]; a.[]=(0, 9); a
a = [1, 2]; a.[]=(4, 9); a
a = [1, 2]; a.[]=(-1, 9); a
a = [1, 2]; a.[]=(-3, 9); a
a = [1, 2, 3]; a.[]=(0, 2, 9); a
a = [1, 2, 3]; a.[]=(0, 2, [7, 8, 9]); a
a = [1, 2, 3]; a.[]=(1..2, []); a
a = [1, 2, 3]; a.[]=(5..6, 1); a
a = [1, 2, 3]; a.[]=(0, 0, [0]); a
a = [1, 2, 3]; a.[]=(0, -1, [0]); a
[1].freeze.[]=(0, 1)
[1, "a", nil, :b, 1.5, [2], { a: 1 }].inspect
[].inspect
[1, "a"].to_s
a = [1]; a << a; a.inspect
a = []; h = { a: a }; a << h; a.inspect
a = []; a << a; a == a
a = []; a << a; b = []; b << b; a == b
a = []; a << a; a <=> a
a = [1]; a << a; [a, a].uniq.length
[1].to_a
a = [1]; a.to_a.equal?(a)
[1].frozen?
[1].freeze.frozen?
a = [1].freeze; a.dup << 2
[1].is_a?(String)
[1].nil?
[1].respond_to?(:each)
[1, 2].then { |a| a.sum }
[1].nope
![1]
[1, 2].dig(0)
[[1, [2]]].dig(0, 1, 0)
[1].dig(0, 1)
[nil].dig(0, 1)
[1, 2, 3].sum
[1, 2.5].sum
[0.1] * 10 == [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]
([0.1] * 10).sum
["a", "b"].sum("")
["a"].sum
[].sum
[1, 2].sum { |x| x * 2 }
[3, 1, 2].min
[3, 1, 2].max
[].min
[3, 1, 2].min(2)
[3, 1, 2].max(2)
["aa", "b"].min_by { |x| x.length }
["aa", "b"].max_by { |x| x.length }
[1, 2, 3].minmax
[3, 1].sort_by { |x| x }
["bb", "a"].sort_by { |x| [x.length, x] }
[1, 2, 3].partition { |x| x > 1 }
[1, 2, 3].group_by { |x| x.odd? }
[1, 2, 2].tally
[1, 2, 3].each_slice(2).to_a
[1, 2, 3].each_cons(2).to_a
[1, 2].each_with_index.map { |x, i| x * i }
[1, 2].each_with_index.to_a
[1, 2].each_with_object([]) { |x, a| a.push(x) }
[1, 2].map.with_index(1) { |x, i| [x, i] }
[1, 2].each.with_index(1).to_a
[[1, 2], [3, 4]].to_h
[[1, 2]].to_h { |a, b| [b, a] }
[1].to_h
[[1]].to_h
[1, 2, 3].take(2)
[1, 2, 3].drop(1)
[1, 2, 3].take_while { |x| x < 3 }
[1, 2, 3].drop_while { |x| x < 2 }
[1, 2].flat_map { |x| [x, x] }
[1, nil].filter_map { |x| x }
[1, 2].find { |x| x > 1 }
[1, 2].detect { |x| x > 5 }
[1, 2].find_index(2)
[1, 2].all? { |x| x > 0 }
[1, 2].none?
[nil, 1].one?
[1, 2, 2].count(2)
[1, 2].count { |x| x > 1 }
[1, 2].count
[1, 2, 3].rotate
[1, 2, 3].rotate(-1)
[1, 2].product([3, 4])
[1, 2].product
[1, 2, 3].combination(2).to_a
[1, 2].permutation.to_a
[1, 2, 3].each_entry.to_a
[1, 2].append(3)
[1, 2].prepend(3)
[1, 2, 3].difference([1])
[1].union([2])
[1, 2].intersection([2])
[1, 2].intersect?([2])
[1, 2, 3].chunk_while { |a, b| b == a + 1 }.to_a
[1, 2, 4].slice_when { |a, b| b != a + 1 }.to_a
[1, 1, 2].chunk { |x| x }.to_a
[3, 1].max { |a, b| a <=> b }
[1, 2, 3].sum(0.0)
[1, 2].reduce(:+)
[1, 2].entries
[[1, :a], [2, :b]].each_with_index.map { |(n, s), i| [n, s, i] }
a = [1, 2, 3]; a.keep_if { |x| x > 1 }; a
a = [1, 2]; a.clear; a
a = [1]; a.replace([2, 3]); a
a = [3, 1]; a.sort_by! { |x| x }; a
a = [1, 2, 3]; [a.select! { |x| x > 1 }, a.select! { |x| true }]
[0.1, 0.2, 0.3].sum
[3.0, 5].sum
[1, 2].each_slice(0)
[1, 2].pack("C*").nope
# What every class may be asked
[1, 2].%([2, 3])
[1, 2].%(3)
[1, 2].&([2, 3])
[1, 2].&(3)
[1, 2].*([2, 3])
[1, 2].*(3)
[1, 2].**([2, 3])
[1, 2].**(3)
[1, 2].+([2, 3])
[1, 2].+(3)
[1, 2].-([2, 3])
[1, 2].-(3)
[1, 2]./([2, 3])
[1, 2]./(3)
[1, 2].<([2, 3])
[1, 2].<(3)
[1, 2].<<([2, 3])
[1, 2].<<(3)
[1, 2].<=([2, 3])
[1, 2].<=(3)
[1, 2].<=>([2, 3])
[1, 2].<=>(3)
[1, 2].==([2, 3])
[1, 2].===([2, 3])
[1, 2].>([2, 3])
[1, 2].>(3)
[1, 2].>=([2, 3])
[1, 2].>=(3)
[1, 2].>>([2, 3])
[1, 2].>>(3)
[1, 2].[]([2, 3])
[1, 2].[](3)
[1, 2].^([2, 3])
[1, 2].^(3)
[1, 2].|([2, 3])
[1, 2].|(3)
[1, 2].eql?([2, 3])
[1, 2].equal?([2, 3])
[1, 2].!=([2, 3])
[1, 2].!
[1, 2].+@
[1, 2].-@
[1, 2].~
[1, 2].freeze
[1, 2].frozen?
[1, 2].inspect
[1, 2].new
[1, 2].nil?
[1, 2].not
[1, 2].then
[1, 2].to_a
[1, 2].to_s
[1, 2].[]=(0, 1)
[1, 2].is_a?(String)
[1, 2].kind_of?(Encoding)
[1, 2].respond_to?(:to_s)
[1, 2].respond_to?(:nope)
[1, 2].to_jail
# Rails
[].blank?
[nil].blank?
[1].present?
[].present?
[].presence
[1].presence
[1].in?([[1]])
[1, "a b"].to_param
[1, "a b"].to_query("k")
[].to_query("k")
["a", nil, true].to_query("k")
[1].acts_like?(:time)
[1].duplicable?
[].to_sentence
["a"].to_sentence
["a", "b"].to_sentence
["a", "b", "c"].to_sentence
["a", "b", "c"].to_sentence(last_word_connector: " or ")
["a", "b"].to_sentence(two_words_connector: " or ")
["a", "b", "c"].to_sentence(words_connector: "; ")
[1, 2, 3].second
[1, 2, 3].third
[1, 2, 3].from(1)
[1, 2, 3].to(1)
[1, 2, 3].without(2)
[1, 2, 3].excluding(2, 3)
[1, 2].including(3)
[1, 2, 3].in_groups_of(2)
[1, 2, 3].in_groups_of(2, false)
[1, nil, ""].compact_blank
[1, 2].exclude?(3)
[1, 2].many?
[{ a: 1 }, { a: 2 }].pluck(:a)
[1, 2, 3].sum { |x| x }
[1, 2].index_with { |x| x * 2 }
["a", "bb"].index_by { |x| x.length }
[nil, 1].to_s
# Refused
[1, 2].methods
