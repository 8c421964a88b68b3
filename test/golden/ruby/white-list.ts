/**
 * The methods of core classes that Foreman's safe mode lets templates call, by class: facts about the gem
 * safemode, so that every one of them is known to be tested. Class files of the corpus have the same names.
 */

/** Allowed on every class that has them. */
const EVERYWHERE = words(`
  ! != % & * ** + +@ - -@ / < << <= <=> == === > >= >> [] []= ^ | ~ acts_like? blank? eql? equal? freeze frozen?
  in? inspect is_a? kind_of? methods new nil? not presence present? respond_to? then to_a to_jail to_param
  to_query to_s`);

const OWN: Readonly<Record<string, readonly string[]>> = {
  array: words(`
    any? assoc at collect collect! compact compact! concat delete delete_at delete_if each each_index
    empty? fetch fill first flatten flatten! hash include? index indexes indices inject insert join last length
    map map! nitems pop push rassoc reject reject! reverse reverse! reverse_each rindex select shift size slice
    slice! sort sort! transpose uniq uniq! unshift values_at zip`),
  float: words(`
    abs ceil coerce div divmod finite? floor hash infinite? integer? modulo nan? nonzero? quo remainder round
    singleton_method_added step to_f to_i to_int truncate zero?`),
  hash: words(`
    any? clear delete delete_if each each_key each_pair each_value empty? fetch has_key? has_value? include?
    index invert key? keys length member? merge merge! rec_merge! rehash reject reject! select shift size sort
    store update value? values values_at`),
  range: words(`
    any? begin each end exclude_end? first hash include? include_without_range? last member? step`),
  string: words(`
    capitalize capitalize! casecmp center concat count crypt delete delete! downcase downcase! dump each_byte
    each_line empty? end_with? force_encoding gsub gsub! hash hex chomp chomp! chop chop! include? index insert
    intern iseuc issjis isutf8 kconv length ljust lstrip lstrip! match next next! oct reverse reverse! rindex
    rjust rstrip rstrip! scan size slice slice! split squeeze squeeze! start_with? strip strip! sub sub! succ
    succ! sum swapcase swapcase! toeuc to_f to_i tojis tosjis to_str to_sym toutf16 toutf8 to_xs tr tr! tr_s
    tr_s! upcase upcase! upto`),
  symbol: words('to_i to_int'),
  time: words(`
    asctime ctime day dst? _dump getgm getlocal getutc gmt? gmtime gmtoff gmt_offset hash hour httpdate isdst
    iso8601 localtime mday min minus_without_duration mon month plus_without_duration rfc2822 rfc822 sec
    strftime succ to_date to_datetime to_f to_formatted_s to_i tv_sec tv_usec usec utc utc? utc_offset wday
    xmlschema yday year zone`),
  date: words(`
    ajd amjd asctime ctime cwday cweek cwyear day day_fraction default_inspect downto england gregorian
    gregorian? hash italy jd julian julian? ld leap? mday minus_without_duration mjd mon month newsg new_start
    next ns? os? plus_without_duration sg start step strftime succ upto wday yday year`),
  datetime: words(`
    hour min newof new_offset of offset sec sec_fraction strftime to_datetime_default_s to_json zone`),
  nil: words('duplicable? to_f to_i'),
  false: words('duplicable?'),
  true: words('duplicable?'),
  integer: words(`
    abs ceil coerce div divmod downto floor chr id2name integer? modulo next nonzero? quo remainder round
    singleton_method_added size step succ times to_f to_i to_int to_sym truncate upto zero? hash`),
};

export const WHITE_LIST: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(OWN).map(([name, own]) => [name, [...EVERYWHERE, ...own]]),
);

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
