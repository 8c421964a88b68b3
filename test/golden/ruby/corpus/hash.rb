{ a: 1 }.any?
{}.any?
{ a: 1 }.any? { |k, v| v > 1 }
{ a: nil }.any?
{ a: 1 }.any? { |pair| pair == [:a, 1] }
{ a: 1 }.any?([:a, 1])
h = { a: 1 }; [h.clear, h]
{ a: 1 }.freeze.clear
h = { a: 1, b: 2 }; [h.delete(:a), h]
{ a: 1 }.delete(:b)
{ a: 1 }.delete(:b) { |k| k.to_s }
{ 1 => 2 }.delete(1.0)
{ a: 1 }.freeze.delete(:a)
h = { a: 1, b: 2 }; [h.delete_if { |k, v| v > 1 }, h]
{ a: 1 }.delete_if
{ a: 1 }.delete_if { |k, v| false }
{ a: 1 }.freeze.delete_if { |k, v| true }
x = []; { a: 1 }.each { |k, v| x.push([k, v]) }; x
x = []; { a: 1 }.each { |pair| x.push(pair) }; x
{ a: 1 }.each
{ a: 1 }.each { |k, v| v }
x = []; { a: [1, 2] }.each { |k, (a, b)| x.push(b) }; x
x = []; { a: 1 }.each_key { |k| x.push(k) }; x
{ a: 1 }.each_key
{ a: 1 }.each_key { |k| k }
x = []; { a: 1 }.each_pair { |k, v| x.push(v) }; x
{ a: 1 }.each_pair
{ a: 1 }.each_pair.to_a
x = []; { a: 1 }.each_value { |v| x.push(v) }; x
{ a: 1 }.each_value
{ a: 1 }.each_value { |v| v }
{}.empty?
{ a: nil }.empty?
{ a: 1 }.fetch(:a)
{ a: 1 }.fetch(:b)
{ a: 1 }.fetch(:b, 2)
{ a: 1 }.fetch(:b) { |k| k }
{ a: nil }.fetch(:a, 1)
{ a: 1 }.fetch(:b, nil)
{ a: 1 }.fetch
{ a: 1 }.has_key?(:a)
{ a: 1 }.has_key?("a")
{ 1 => 2 }.has_key?(1.0)
{ a: 1 }.has_value?(1)
{ a: 1 }.has_value?(1.0)
{ a: 1 }.has_value?(2)
{ a: 1 }.include?(:a)
{ a: 1 }.include?(1)
{ nil => 1 }.include?(nil)
{ a: 1 }.index(1)
{ a: 1 }.key(1)
{ a: 1, b: 2 }.invert
{ a: 1, b: 1 }.invert
{}.invert
{ a: 1 }.key?(:a)
{ [1] => 1 }.key?([1])
{ "a" => 1 }.key?("a")
{ a: 1, "b" => 2 }.keys
{}.keys
{ a: 1 }.length
{}.length
{ a: 1 }.member?(:a)
{ a: 1 }.member?(:b)
{ a: 1 }.merge({ b: 2 })
{ a: 1 }.merge({ a: 2 })
{ a: 1 }.merge({ a: 2 }) { |k, o, n| o + n }
{ a: 1 }.merge
{ a: 1 }.merge({ b: 2 }, { c: 3 })
{ a: 1 }.merge(b: 2)
{ a: 1 }.merge(1)
{ a: 1 }.merge(nil)
h = { a: 1 }; h.merge(b: 2); h
h = { a: 1 }; [h.merge!(b: 2), h]
{ a: 1 }.merge!({ a: 2 }) { |k, o, n| [k, o, n] }
{ a: 1 }.freeze.merge!(b: 2)
{ a: 1 }.merge!
{ a: 1 }.merge!([])
{ a: { b: 1 } }.rec_merge!({ a: { c: 2 } })
{ a: 1 }.rec_merge!({ a: { c: 2 } })
{ a: { b: 1 } }.rec_merge!({ a: 3 })
h = { a: { b: { c: 1 } } }; h.rec_merge!({ a: { b: { d: 2 } } }); h
{ a: 1 }.rec_merge!(1)
h = { a: 1 }; h.rehash
a = [1]; h = { a => 1 }; a << 2; [h[[1, 2]], h.rehash[[1, 2]]]
{ a: 1, b: 2 }.reject { |k, v| v > 1 }
{ a: 1 }.reject
{ a: 1 }.reject { |k| k == :a }
h = { a: 1, b: 2 }; [h.reject! { |k, v| v > 1 }, h]
{ a: 1 }.reject! { |k, v| false }
{ a: 1 }.reject!
{ a: 1 }.freeze.reject! { |k, v| true }
{ a: 1, b: 2 }.select { |k, v| v > 1 }
{ a: 1 }.select
{ a: 1 }.select { |k| k == :a }
h = { a: 1, b: 2 }; [h.shift, h]
{}.shift
{ a: 1 }.freeze.shift
{ a: 1 }.size
{}.size
{ b: 1, a: 2 }.sort
{ b: 1, a: 2 }.sort { |x, y| x[1] <=> y[1] }
{}.sort
{ b: 1, "a" => 2 }.sort
h = {}; [h.store(:a, 1), h]
h = {}; h.store("a", 1); h.keys[0].frozen?
{}.freeze.store(:a, 1)
h = { a: 1 }; h.store(:a, 2); h
s = "a"; h = {}; h.store(s, 1); s << "b"; h
h = { a: 1 }; h.[]=(:b, 2); h
h = { a: 1 }; [h.update(b: 2), h]
{ a: 1 }.update({ a: 2 }) { |k, o, n| o + n }
{ a: 1 }.freeze.update(b: 1)
{ a: 1 }.value?(1)
{ a: 1 }.value?("1")
{ a: 1, b: 2 }.values
{}.values
{ a: 1, b: 2 }.values_at(:b, :c)
{ a: 1 }.values_at
{ a: 1 }[:a]
{ a: 1 }["a"]
{ 1 => :a }[1.0]
{ nil => 1 }[nil]
{ a: 1 } == { a: 1 }
{ a: 1 } == { a: 1.0 }
{ a: 1, b: 2 } == { b: 2, a: 1 }
{ a: 1 } == [[:a, 1]]
{ a: 1 } != { a: 2 }
{ a: 1 }.eql?({ a: 1 })
{ a: 1 }.eql?({ a: 1.0 })
{ a: 1 } === { a: 1 }
{ a: 1 }.equal?({ a: 1 })
{ a: 1 } < { a: 1, b: 2 }
{ a: 1 } < { a: 1 }
{ a: 1 } <= { a: 1 }
{ a: 1, b: 2 } > { a: 1 }
{ a: 1 } >= { a: 2 }
{ a: 1 } < 1
{ a: 1 } <=> { a: 1 }
{ a: 1 } <=> { a: 2 }
{ a: 1 }.inspect
{ "a" => nil, 1 => 1.5, nil => [], [1] => {} }.inspect
{}.inspect
{ "a b": 1 }.inspect
{ a?: 1 }.inspect
{ a: 1 }.to_s
h = {}; h.store(:a, h); h.inspect
h = {}; h.store(:a, h); h == h
h = {}; h.store(:a, h); h.hash == h.hash
{ a: 1 }.to_a
{}.to_a
{ a: 1 }.frozen?
{ a: 1 }.freeze.frozen?
{ a: 1 }.is_a?(String)
{ a: 1 }.nil?
{ a: 1 }.respond_to?(:each)
{ a: 1 }.then { |h| h[:a] }
{ a: 1 }.nope
!{}
{ a: 1 }.hash == { a: 1 }.hash
{ a: 1, b: 2 }.hash == { b: 2, a: 1 }.hash
{ a: { b: [1] } }.dig(:a, :b, 0)
{ a: 1 }.dig(:a, :b)
{ a: nil }.dig(:a, :b)
{ a: 1 }.map { |k, v| [k, v] }
{ a: 1 }.flat_map { |k, v| [k, v] }
{ a: 1 }.to_h { |k, v| [v, k] }
{ a: 1 }.sort_by { |k, v| v }
{ a: 1, b: 2 }.min_by { |k, v| v }
{ a: 1, b: 2 }.max_by { |k, v| v }
{ a: 1, b: 2 }.sum { |k, v| v }
{ a: 1, b: 2 }.find { |k, v| v == 2 }
{ a: 1, b: 2 }.partition { |k, v| v > 1 }
{ a: 1, b: 2 }.group_by { |k, v| v.odd? }
{ a: 1 }.each_with_index.to_a
{ a: 1 }.each_with_index.map { |(k, v), i| [k, v, i] }
{ a: 1 }.each_with_object([]) { |(k, v), x| x.push(v) }
{ a: 1, b: 2 }.inject { |x, y| x + y }
{ a: 1, b: 2 }.inject(0) { |s, (k, v)| s + v }
{ a: 1, b: 2 }.count { |k, v| v > 1 }
{ a: 1 }.count
{ a: 1 }.all? { |k, v| v == 1 }
{ a: 1 }.none? { |k, v| v == 1 }
{ a: 1, b: 2 }.first
{ a: 1, b: 2 }.first(1)
{ a: 1 }.zip([1])
{ a: 1 }.transform_values { |v| v + 1 }
{ a: 1 }.transform_keys { |k| k.to_s }
{ a: 1 }.transform_keys({ a: :b })
{ a: 1, b: nil }.compact
h = { a: nil }; [h.compact!, h]
{ a: 1 }.compact!
{ a: 1, b: 2 }.slice(:a, :c)
{ a: 1, b: 2 }.except(:a)
{ a: 1, b: 2 }.filter_map { |k, v| k if v > 1 }
{ a: 1 }.fetch_values(:a)
{ a: 1 }.fetch_values(:b)
{ a: 1 }.assoc(:a)
{ a: 1 }.rassoc(1)
{ a: 1 }.default
{ a: 1 }.dup == { a: 1 }
{ a: 1, b: 2 }.reduce([]) { |m, (k, v)| m + [v] }
{ a: 1 }.entries
{ b: 1, a: 2 }.min
{ a: 1, b: 2 }.each_slice(1).to_a
{ a: 1, b: 2 }.keep_if { |k, v| v > 1 }
{ a: 1, b: 2 }.filter { |k, v| v > 1 }
h = { a: 1, b: 2 }; [h.select! { |k, v| v > 1 }, h]
{ a: 1 }.select! { |k, v| true }
{ a: 1, b: 2 }.uniq { |k, v| v.odd? }
{ a: 1, b: 1 }.tally
{ a: [1, [2]] }.flatten
{ a: [1, [2]] }.flatten(2)
{ 0.0 => 1 }.key?(-0.0)
{ 1 => 1, 1.0 => 2 }.length
{ 2**70 => 1 }[2**70]
{ (1..2) => 1 }[1..2]
{ :a => 1, "a" => 2 }.length
x = []; { a: 1, b: 2 }.each { |k, v| x.push(k); break if v == 1 }; x
h = { a: 1 }; h.each { |k, v| h.store(:b, 1) }
h = { a: 1 }; h.each { |k, v| h.store(:a, 2) }
h = { a: 1, b: 2 }; h.each { |k, v| h.delete(k) }; h
# What every class may be asked
{ a: 1 }.%({ a: 1 })
{ a: 1 }.%(3)
{ a: 1 }.&({ a: 1 })
{ a: 1 }.&(3)
{ a: 1 }.*({ a: 1 })
{ a: 1 }.*(3)
{ a: 1 }.**({ a: 1 })
{ a: 1 }.**(3)
{ a: 1 }.+({ a: 1 })
{ a: 1 }.+(3)
{ a: 1 }.-({ a: 1 })
{ a: 1 }.-(3)
{ a: 1 }./({ a: 1 })
{ a: 1 }./(3)
{ a: 1 }.<({ a: 1 })
{ a: 1 }.<(3)
{ a: 1 }.<<({ a: 1 })
{ a: 1 }.<<(3)
{ a: 1 }.<=({ a: 1 })
{ a: 1 }.<=(3)
{ a: 1 }.<=>({ a: 1 })
{ a: 1 }.<=>(3)
{ a: 1 }.==({ a: 1 })
{ a: 1 }.===({ a: 1 })
{ a: 1 }.>({ a: 1 })
{ a: 1 }.>(3)
{ a: 1 }.>=({ a: 1 })
{ a: 1 }.>=(3)
{ a: 1 }.>>({ a: 1 })
{ a: 1 }.>>(3)
{ a: 1 }.[]({ a: 1 })
{ a: 1 }.[](3)
{ a: 1 }.^({ a: 1 })
{ a: 1 }.^(3)
{ a: 1 }.|({ a: 1 })
{ a: 1 }.|(3)
{ a: 1 }.!=({ a: 1 })
{ a: 1 }.!
{ a: 1 }.+@
{ a: 1 }.-@
{ a: 1 }.~
{ a: 1 }.freeze
{ a: 1 }.new
{ a: 1 }.not
{ a: 1 }.then
{ a: 1 }.[]=(0, 1)
{ a: 1 }.kind_of?(Encoding)
{ a: 1 }.respond_to?(:to_s)
{ a: 1 }.respond_to?(:nope)
{ a: 1 }.to_jail
# Rails
{}.blank?
{ a: 1 }.blank?
{ a: 1 }.present?
{}.presence
{ a: 1 }.presence
{ a: 1 }.in?([{ a: 1 }])
{ a: 1, b: "c d" }.to_param
{ b: 2, a: [1, 2] }.to_query
{ a: { b: 1 } }.to_query
{ a: 1 }.to_query("k")
{ a: [], b: {} }.to_query
{ a: nil }.to_query
{ a: 1 }.acts_like?(:time)
{ a: 1 }.duplicable?
{ a: 1 }.stringify_keys
{ "a" => 1, 2 => 3 }.symbolize_keys
{ a: { b: 1 } }.deep_merge({ a: { c: 2 } })
{ a: { b: 1 } }.deep_stringify_keys
{ "a" => [{ "b" => 1 }] }.deep_symbolize_keys
{ a: 1 }.reverse_merge({ a: 2, b: 3 })
{ a: 1, b: "" }.compact_blank
{ a: 1, b: 2 }.except(:a, :z)
{ a: 1, b: 2 }.without(:a)
{ a: 1 }.exclude?(:b)
h = { a: 1, b: 2 }; [h.extract!(:a), h]
{ a: 1 }.deep_dup
# Refused
{ a: 1 }.methods
