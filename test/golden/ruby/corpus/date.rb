@date.strftime("%Y")
@date.strftime("%C")
@date.strftime("%y")
@date.strftime("%m")
@date.strftime("%B")
@date.strftime("%b")
@date.strftime("%h")
@date.strftime("%d")
@date.strftime("%e")
@date.strftime("%j")
@date.strftime("%H")
@date.strftime("%k")
@date.strftime("%I")
@date.strftime("%l")
@date.strftime("%P")
@date.strftime("%p")
@date.strftime("%M")
@date.strftime("%S")
@date.strftime("%L")
@date.strftime("%N")
@date.strftime("%3N")
@date.strftime("%6N")
@date.strftime("%9N")
@date.strftime("%12N")
@date.strftime("%1N")
@date.strftime("%z")
@date.strftime("%:z")
@date.strftime("%::z")
@date.strftime("%:::z")
@date.strftime("%Z")
@date.strftime("%A")
@date.strftime("%a")
@date.strftime("%u")
@date.strftime("%w")
@date.strftime("%G")
@date.strftime("%g")
@date.strftime("%V")
@date.strftime("%U")
@date.strftime("%W")
@date.strftime("%s")
@date.strftime("%n")
@date.strftime("%t")
@date.strftime("%%")
@date.strftime("%c")
@date.strftime("%D")
@date.strftime("%F")
@date.strftime("%v")
@date.strftime("%x")
@date.strftime("%X")
@date.strftime("%r")
@date.strftime("%R")
@date.strftime("%T")
@date.strftime("%+")
@date.strftime("%Q")
@date.strftime("%E")
@date.strftime("%Ey")
@date.strftime("%Od")
@date.strftime("%Ez")
@date.strftime("%i")
@date.strftime("%-d")
@date.strftime("%-m")
@date.strftime("%-j")
@date.strftime("%_d")
@date.strftime("%_m")
@date.strftime("%0e")
@date.strftime("%0l")
@date.strftime("%-l")
@date.strftime("%^a")
@date.strftime("%^B")
@date.strftime("%#p")
@date.strftime("%#Z")
@date.strftime("%#a")
@date.strftime("%^c")
@date.strftime("%^p")
@date.strftime("%#B")
@date.strftime("%#P")
@date.strftime("%10Y")
@date.strftime("%-Y")
@date.strftime("%_Y")
@date.strftime("%_10Y")
@date.strftime("%05d")
@date.strftime("%-5d")
@date.strftime("%10A")
@date.strftime("%010A")
@date.strftime("%-10A")
@date.strftime("%^10a")
@date.strftime("%10z")
@date.strftime("%_10z")
@date.strftime("%-z")
@date.strftime("%-:z")
@date.strftime("%_z")
@date.strftime("%10:z")
@date.strftime("%_:z")
@date.strftime("%6L")
@date.strftime("%2L")
@date.strftime("%020c")
@date.strftime("%30c")
@date.strftime("%-y")
@date.strftime("%-H:%-M:%-S")
@date.strftime("%10n")
@date.strftime("%10%")
@date.strftime("%")
@date.strftime("%5")
@date.strftime("%a %")
@date.strftime("%:")
@date.strftime("%::::z")
@date.strftime("%:Y")
@date.strftime("%é")
@date.strftime("%-N")
@date.strftime("%10s")
@date.strftime("%_10s")
@date.strftime("%3C")
@date.strftime("%_C")
@date.strftime("%-I")
@date.strftime("%10D")
@date.strftime("%^10F")
@date.strftime("%08F")
@date.strftime("%_3S")
@date.strftime("%-e")
@date.strftime("%-k")
@date.strftime("%_H")
@date.strftime("%^Z")
@date.strftime("%10Z")
@date.strftime("%-Z")
@date.strftime("%0_5d")
@date.strftime("%_05d")
@date.strftime("")
@date.strftime("plain")
@date.strftime("é %d 日")
@date.strftime("%^^a")
@date.strftime("%#^a")
@date.strftime("%^#p")
@date.strftime("%^v")
@date.strftime("%v %V")
@date.strftime("%-U")
@date.strftime("%_j")
@date.strftime("%003d")
@date.strftime("%13Q")
@leap.strftime("%C %y %G %g %V %U %W %j")
@old.strftime("%C %y %G %g %V %U %W %j")
@ancient.strftime("%C %y %G %g %V %U %W %j")
@leap.strftime("%Y-%m-%d %H:%M:%S %z %Z %a")
@old.strftime("%Y-%m-%d %H:%M:%S %z %Z %a")
@ancient.strftime("%Y-%m-%d %H:%M:%S %z %Z %a")
@leap.strftime("%-I %l %I %p")
@old.strftime("%-I %l %I %p")
@ancient.strftime("%-I %l %I %p")
@leap.strftime("%s %N")
@old.strftime("%s %N")
@ancient.strftime("%s %N")
@leap.strftime("%:z %::z %-z %_z")
@old.strftime("%:z %::z %-z %_z")
@ancient.strftime("%:z %::z %-z %_z")
@leap.strftime("%e %k")
@old.strftime("%e %k")
@ancient.strftime("%e %k")
@date.ajd
@leap.ajd
@old.ajd
@ancient.ajd
@date.amjd
@leap.amjd
@old.amjd
@ancient.amjd
@date.asctime
@leap.asctime
@old.asctime
@ancient.asctime
@date.ctime
@leap.ctime
@old.ctime
@ancient.ctime
@date.cwday
@leap.cwday
@old.cwday
@ancient.cwday
@date.cweek
@leap.cweek
@old.cweek
@ancient.cweek
@date.cwyear
@leap.cwyear
@old.cwyear
@ancient.cwyear
@date.day
@leap.day
@old.day
@ancient.day
@date.day_fraction
@leap.day_fraction
@old.day_fraction
@ancient.day_fraction
@date.downto
@leap.downto
@old.downto
@ancient.downto
@date.england
@leap.england
@old.england
@ancient.england
@date.gregorian
@leap.gregorian
@old.gregorian
@ancient.gregorian
@date.gregorian?
@leap.gregorian?
@old.gregorian?
@ancient.gregorian?
@date.italy
@leap.italy
@old.italy
@ancient.italy
@date.jd
@leap.jd
@old.jd
@ancient.jd
@date.julian
@leap.julian
@old.julian
@ancient.julian
@date.julian?
@leap.julian?
@old.julian?
@ancient.julian?
@date.ld
@leap.ld
@old.ld
@ancient.ld
@date.leap?
@leap.leap?
@old.leap?
@ancient.leap?
@date.mday
@leap.mday
@old.mday
@ancient.mday
@date.mjd
@leap.mjd
@old.mjd
@ancient.mjd
@date.mon
@leap.mon
@old.mon
@ancient.mon
@date.month
@leap.month
@old.month
@ancient.month
@date.newsg
@leap.newsg
@old.newsg
@ancient.newsg
@date.new_start
@leap.new_start
@old.new_start
@ancient.new_start
@date.next
@leap.next
@old.next
@ancient.next
@date.ns?
@leap.ns?
@old.ns?
@ancient.ns?
@date.os?
@leap.os?
@old.os?
@ancient.os?
@date.sg
@leap.sg
@old.sg
@ancient.sg
@date.start
@leap.start
@old.start
@ancient.start
@date.succ
@leap.succ
@old.succ
@ancient.succ
@date.wday
@leap.wday
@old.wday
@ancient.wday
@date.yday
@leap.yday
@old.yday
@ancient.yday
@date.year
@leap.year
@old.year
@ancient.year
@date.to_s
@leap.to_s
@old.to_s
@ancient.to_s
@date.inspect
@leap.inspect
@old.inspect
@ancient.inspect
@date.iso8601
@leap.iso8601
@old.iso8601
@ancient.iso8601
@date.rfc2822
@leap.rfc2822
@old.rfc2822
@ancient.rfc2822
@date.httpdate
@leap.httpdate
@old.httpdate
@ancient.httpdate
@date.xmlschema
@leap.xmlschema
@old.xmlschema
@ancient.xmlschema
@date.rfc3339
@leap.rfc3339
@old.rfc3339
@ancient.rfc3339
@date.sunday?
@leap.sunday?
@old.sunday?
@ancient.sunday?
@date.friday?
@leap.friday?
@old.friday?
@ancient.friday?
@date.next_day
@leap.next_day
@old.next_day
@ancient.next_day
@date.prev_day
@leap.prev_day
@old.prev_day
@ancient.prev_day
@date.next_month
@leap.next_month
@old.next_month
@ancient.next_month
@date.prev_month
@leap.prev_month
@old.prev_month
@ancient.prev_month
@date.next_year
@leap.next_year
@old.next_year
@ancient.next_year
@date.prev_year
@leap.prev_year
@old.prev_year
@ancient.prev_year
@date.to_time
@leap.to_time
@old.to_time
@ancient.to_time
@date.to_date
@leap.to_date
@old.to_date
@ancient.to_date
@date.to_datetime
@leap.to_datetime
@old.to_datetime
@ancient.to_datetime
@date.nil?
@leap.nil?
@old.nil?
@ancient.nil?
@date.hour
@leap.hour
@old.hour
@ancient.hour
@date.min
@leap.min
@old.min
@ancient.min
@date.frozen?
@leap.frozen?
@old.frozen?
@ancient.frozen?
@date.freeze
@leap.freeze
@old.freeze
@ancient.freeze
@date + 1
@date + 31
@date - 2
@date + 0.5
(@date + 0.5) - @date
@date + 1.quo(2)
@date + "1"
@date - "1"
@date + nil
@date - @leap
@leap - @date
(@leap - @date).to_i
(@leap - @date).to_f
(@leap - @date).to_s
"#{@leap - @date} days"
(@leap - @date) + 1
1 + (@leap - @date)
(@leap - @date) * 2
(@leap - @date) / 7
(@leap - @date) == 58
(@leap - @date) > 50
(@leap - @date).floor
@date >> 1
@leap >> 12
@leap >> 48
@leap << 1
@leap << 3
(@date + 29) >> 1
@date >> -1
@date >> "1"
@old - 1
(@old - 1).to_s
(@old - 1).jd
(@old >> 1).to_s
(@old << 1).to_s
@date.downto(@date - 2).to_a.length
x = []; @date.downto(@date - 2) { |d| x.push(d.to_s) }; x
x = []; @date.upto(@date + 2) { |d| x.push(d.to_s) }; x
@date.upto(@date + 3).to_a.length
@date.upto(@date - 1).to_a
@date.upto(@date) { |d| d }
x = []; @date.step(@leap, 20) { |d| x.push(d.day) }; x
x = []; @date.step(@date - 4, -2) { |d| x.push(d.day) }; x
@date.step(@leap, 30).to_a.length
@date.step(@leap, "a") { |d| d }
@date.new_start(2361222)
@date.new_start(@old.start)
@old.julian.to_s
@old.england.to_s
@old.gregorian.to_s
@old.italy.to_s
@date.julian.to_s
@date.next.to_s
@leap.succ.to_s
@leap.next_year.to_s
@leap.prev_year(4).to_s
@date.next_month(13).to_s
@date.next_day(3).to_s
@date <=> @leap
@leap <=> @date
@date <=> @date
@date <=> 1
@date <=> 3000000
@date <=> "a"
@date == @leap
@date == @noon
@date === @date
@date === (@date + 0.5)
@date == (@date + 0.5)
@date != @leap
@date < @leap
@date > @leap
@date <= @date
@date >= @leap
@date < "a"
@date.eql?(@date + 0)
@date.equal?(@date + 0)
@date.hash == (@date + 0).hash
@date.hash == @leap.hash
{ @date => 1 }[@date + 0]
[@leap, @date].sort.first.to_s
[@leap, @date].max.to_s
(@date..@leap).count
(@date..(@date + 2)).map { |d| d.day }
(@date..@leap).include?(@date + 3)
(@date...(@date + 2)).to_a.length
(@date..@leap).cover?(@old)
@date.is_a?(String)
@date.kind_of?(String)
@date.respond_to?(:jd)
@date.then { |d| d.year }
@date.nope
!@date
@date.strftime
@date.strftime(1)
"#{@date}"
@date.between?(@old, @leap)
@date & 1
@date[0]
# What every class may be asked
@date.%(@date)
@date.%(3)
@date.&(@date)
@date.&(3)
@date.*(@date)
@date.*(3)
@date.**(@date)
@date.**(3)
@date.+(@date)
@date.+(3)
@date.-(@date)
@date.-(3)
@date./(@date)
@date./(3)
@date.<(@date)
@date.<(3)
@date.<<(@date)
@date.<<(3)
@date.<=(@date)
@date.<=(3)
@date.<=>(@date)
@date.<=>(3)
@date.==(@date)
@date.===(@date)
@date.>(@date)
@date.>(3)
@date.>=(@date)
@date.>=(3)
@date.>>(@date)
@date.>>(3)
@date.[](@date)
@date.[](3)
@date.^(@date)
@date.^(3)
@date.|(@date)
@date.|(3)
@date.eql?(@date)
@date.equal?(@date)
@date.!=(@date)
@date.!
@date.+@
@date.-@
@date.~
@date.new
@date.not
@date.then
@date.to_a
@date.[]=(0, 1)
@date.kind_of?(Encoding)
@date.respond_to?(:to_s)
@date.respond_to?(:nope)
@date.to_jail
# Rails
@date.blank?
@date.present?
@date.presence.to_s
@date.in?([@date])
@date.to_param
@date.to_query("k")
@date.acts_like?(:time)
@date.acts_like?(:date)
@date.default_inspect
@old.default_inspect
@date.minus_without_duration(1).default_inspect
@date.minus_without_duration(@leap)
@date.plus_without_duration(1).default_inspect
@date.to_formatted_s(:long)
@date.to_formatted_s(:short)
@date.to_formatted_s(:db)
@date.to_formatted_s(:number)
@date.to_formatted_s(:rfc822)
@date.to_s(:iso8601)
@date.to_formatted_s(:long_ordinal)
@date.to_formatted_s
# Refused
@date.methods
