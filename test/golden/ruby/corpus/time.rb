@time.strftime("%Y")
@time.strftime("%C")
@time.strftime("%y")
@time.strftime("%m")
@time.strftime("%B")
@time.strftime("%b")
@time.strftime("%h")
@time.strftime("%d")
@time.strftime("%e")
@time.strftime("%j")
@time.strftime("%H")
@time.strftime("%k")
@time.strftime("%I")
@time.strftime("%l")
@time.strftime("%P")
@time.strftime("%p")
@time.strftime("%M")
@time.strftime("%S")
@time.strftime("%L")
@time.strftime("%N")
@time.strftime("%3N")
@time.strftime("%6N")
@time.strftime("%9N")
@time.strftime("%12N")
@time.strftime("%1N")
@time.strftime("%z")
@time.strftime("%:z")
@time.strftime("%::z")
@time.strftime("%:::z")
@time.strftime("%Z")
@time.strftime("%A")
@time.strftime("%a")
@time.strftime("%u")
@time.strftime("%w")
@time.strftime("%G")
@time.strftime("%g")
@time.strftime("%V")
@time.strftime("%U")
@time.strftime("%W")
@time.strftime("%s")
@time.strftime("%n")
@time.strftime("%t")
@time.strftime("%%")
@time.strftime("%c")
@time.strftime("%D")
@time.strftime("%F")
@time.strftime("%v")
@time.strftime("%x")
@time.strftime("%X")
@time.strftime("%r")
@time.strftime("%R")
@time.strftime("%T")
@time.strftime("%+")
@time.strftime("%Q")
@time.strftime("%E")
@time.strftime("%Ey")
@time.strftime("%Od")
@time.strftime("%Ez")
@time.strftime("%i")
@time.strftime("%-d")
@time.strftime("%-m")
@time.strftime("%-j")
@time.strftime("%_d")
@time.strftime("%_m")
@time.strftime("%0e")
@time.strftime("%0l")
@time.strftime("%-l")
@time.strftime("%^a")
@time.strftime("%^B")
@time.strftime("%#p")
@time.strftime("%#Z")
@time.strftime("%#a")
@time.strftime("%^c")
@time.strftime("%^p")
@time.strftime("%#B")
@time.strftime("%#P")
@time.strftime("%10Y")
@time.strftime("%-Y")
@time.strftime("%_Y")
@time.strftime("%_10Y")
@time.strftime("%05d")
@time.strftime("%-5d")
@time.strftime("%10A")
@time.strftime("%010A")
@time.strftime("%-10A")
@time.strftime("%^10a")
@time.strftime("%10z")
@time.strftime("%_10z")
@time.strftime("%-z")
@time.strftime("%-:z")
@time.strftime("%_z")
@time.strftime("%10:z")
@time.strftime("%_:z")
@time.strftime("%6L")
@time.strftime("%2L")
@time.strftime("%020c")
@time.strftime("%30c")
@time.strftime("%-y")
@time.strftime("%-H:%-M:%-S")
@time.strftime("%10n")
@time.strftime("%10%")
@time.strftime("%")
@time.strftime("%5")
@time.strftime("%a %")
@time.strftime("%:")
@time.strftime("%::::z")
@time.strftime("%:Y")
@time.strftime("%é")
@time.strftime("%-N")
@time.strftime("%10s")
@time.strftime("%_10s")
@time.strftime("%3C")
@time.strftime("%_C")
@time.strftime("%-I")
@time.strftime("%10D")
@time.strftime("%^10F")
@time.strftime("%08F")
@time.strftime("%_3S")
@time.strftime("%-e")
@time.strftime("%-k")
@time.strftime("%_H")
@time.strftime("%^Z")
@time.strftime("%10Z")
@time.strftime("%-Z")
@time.strftime("%0_5d")
@time.strftime("%_05d")
@time.strftime("")
@time.strftime("plain")
@time.strftime("é %d 日")
@time.strftime("%^^a")
@time.strftime("%#^a")
@time.strftime("%^#p")
@time.strftime("%^v")
@time.strftime("%v %V")
@time.strftime("%-U")
@time.strftime("%_j")
@time.strftime("%003d")
@time.strftime("%13Q")
@zoned.strftime("%C %y %G %g %V %U %W %j")
@west.strftime("%C %y %G %g %V %U %W %j")
@before.strftime("%C %y %G %g %V %U %W %j")
@local.strftime("%C %y %G %g %V %U %W %j")
@early.strftime("%C %y %G %g %V %U %W %j")
@zoned.strftime("%Y-%m-%d %H:%M:%S %z %Z %a")
@west.strftime("%Y-%m-%d %H:%M:%S %z %Z %a")
@before.strftime("%Y-%m-%d %H:%M:%S %z %Z %a")
@local.strftime("%Y-%m-%d %H:%M:%S %z %Z %a")
@early.strftime("%Y-%m-%d %H:%M:%S %z %Z %a")
@zoned.strftime("%-I %l %I %p")
@west.strftime("%-I %l %I %p")
@before.strftime("%-I %l %I %p")
@local.strftime("%-I %l %I %p")
@early.strftime("%-I %l %I %p")
@zoned.strftime("%s %N")
@west.strftime("%s %N")
@before.strftime("%s %N")
@local.strftime("%s %N")
@early.strftime("%s %N")
@zoned.strftime("%:z %::z %-z %_z")
@west.strftime("%:z %::z %-z %_z")
@before.strftime("%:z %::z %-z %_z")
@local.strftime("%:z %::z %-z %_z")
@early.strftime("%:z %::z %-z %_z")
@zoned.strftime("%e %k")
@west.strftime("%e %k")
@before.strftime("%e %k")
@local.strftime("%e %k")
@early.strftime("%e %k")
@time.asctime
@zoned.asctime
@west.asctime
@before.asctime
@local.asctime
@time.ctime
@zoned.ctime
@west.ctime
@before.ctime
@local.ctime
@time.day
@zoned.day
@west.day
@before.day
@local.day
@time.dst?
@zoned.dst?
@west.dst?
@before.dst?
@local.dst?
@time._dump
@zoned._dump
@west._dump
@before._dump
@local._dump
@time.getgm
@zoned.getgm
@west.getgm
@before.getgm
@local.getgm
@time.getlocal
@zoned.getlocal
@west.getlocal
@before.getlocal
@local.getlocal
@time.getutc
@zoned.getutc
@west.getutc
@before.getutc
@local.getutc
@time.gmt?
@zoned.gmt?
@west.gmt?
@before.gmt?
@local.gmt?
@time.gmtime
@zoned.gmtime
@west.gmtime
@before.gmtime
@local.gmtime
@time.gmtoff
@zoned.gmtoff
@west.gmtoff
@before.gmtoff
@local.gmtoff
@time.gmt_offset
@zoned.gmt_offset
@west.gmt_offset
@before.gmt_offset
@local.gmt_offset
@time.hour
@zoned.hour
@west.hour
@before.hour
@local.hour
@time.httpdate
@zoned.httpdate
@west.httpdate
@before.httpdate
@local.httpdate
@time.isdst
@zoned.isdst
@west.isdst
@before.isdst
@local.isdst
@time.iso8601
@zoned.iso8601
@west.iso8601
@before.iso8601
@local.iso8601
@time.localtime
@zoned.localtime
@west.localtime
@before.localtime
@local.localtime
@time.mday
@zoned.mday
@west.mday
@before.mday
@local.mday
@time.min
@zoned.min
@west.min
@before.min
@local.min
@time.mon
@zoned.mon
@west.mon
@before.mon
@local.mon
@time.month
@zoned.month
@west.month
@before.month
@local.month
@time.rfc2822
@zoned.rfc2822
@west.rfc2822
@before.rfc2822
@local.rfc2822
@time.rfc822
@zoned.rfc822
@west.rfc822
@before.rfc822
@local.rfc822
@time.sec
@zoned.sec
@west.sec
@before.sec
@local.sec
@time.succ
@zoned.succ
@west.succ
@before.succ
@local.succ
@time.to_date
@zoned.to_date
@west.to_date
@before.to_date
@local.to_date
@time.to_datetime
@zoned.to_datetime
@west.to_datetime
@before.to_datetime
@local.to_datetime
@time.to_f
@zoned.to_f
@west.to_f
@before.to_f
@local.to_f
@time.to_i
@zoned.to_i
@west.to_i
@before.to_i
@local.to_i
@time.tv_sec
@zoned.tv_sec
@west.tv_sec
@before.tv_sec
@local.tv_sec
@time.tv_usec
@zoned.tv_usec
@west.tv_usec
@before.tv_usec
@local.tv_usec
@time.usec
@zoned.usec
@west.usec
@before.usec
@local.usec
@time.utc
@zoned.utc
@west.utc
@before.utc
@local.utc
@time.utc?
@zoned.utc?
@west.utc?
@before.utc?
@local.utc?
@time.utc_offset
@zoned.utc_offset
@west.utc_offset
@before.utc_offset
@local.utc_offset
@time.wday
@zoned.wday
@west.wday
@before.wday
@local.wday
@time.xmlschema
@zoned.xmlschema
@west.xmlschema
@before.xmlschema
@local.xmlschema
@time.yday
@zoned.yday
@west.yday
@before.yday
@local.yday
@time.year
@zoned.year
@west.year
@before.year
@local.year
@time.zone
@zoned.zone
@west.zone
@before.zone
@local.zone
@time.to_s
@zoned.to_s
@west.to_s
@before.to_s
@local.to_s
@time.inspect
@zoned.inspect
@west.inspect
@before.inspect
@local.inspect
@time.to_a
@zoned.to_a
@west.to_a
@before.to_a
@local.to_a
@time.to_r
@zoned.to_r
@west.to_r
@before.to_r
@local.to_r
@time.nsec
@zoned.nsec
@west.nsec
@before.nsec
@local.nsec
@time.sunday?
@zoned.sunday?
@west.sunday?
@before.sunday?
@local.sunday?
@time.tuesday?
@zoned.tuesday?
@west.tuesday?
@before.tuesday?
@local.tuesday?
@time.to_time
@zoned.to_time
@west.to_time
@before.to_time
@local.to_time
@time.nil?
@zoned.nil?
@west.nil?
@before.nil?
@local.nil?
@time.frozen?
@zoned.frozen?
@west.frozen?
@before.frozen?
@local.frozen?
@time.freeze
@zoned.freeze
@west.freeze
@before.freeze
@local.freeze
@time.iso8601(3)
@time.xmlschema(9)
@zoned.iso8601(1)
@zoned.iso8601(12)
@time.getlocal("+09:00")
@time.getlocal("-03:30")
@time.getlocal("+09:00:15")
@time.getlocal("+0900")
@time.getlocal("+09")
@time.getlocal(3600)
@time.getlocal(-3600)
@time.getlocal("UTC")
@time.getlocal("Z")
@time.getlocal("A")
@time.getlocal("J")
@time.getlocal("M")
@time.getlocal("N")
@time.getlocal("Y")
@time.getlocal("nope")
@time.getlocal("+25:00")
@time.getlocal("-00:00")
@time.getlocal(86400)
@time.getlocal(nil)
@time.getlocal("+09:00").zone
@time.getlocal("+09:00").utc?
@time.getlocal("UTC").utc?
@time.getlocal.utc?
@time.getlocal.zone
t = @time; t.localtime("+02:00"); t
t = @time; t.localtime; [t, t.utc?, t.zone]
t = @zoned; t.utc; t
t = @zoned; t.gmtime.equal?(t)
t = @zoned; t.getutc.equal?(t)
@time.freeze.localtime("+01:00")
@zoned.freeze.utc
@time + 1
@time + 0.5
@time + 0.1
@time + 86400 * 366
@time - 1
@time - 1.5
@time - @early
@early - @time
@early - @zoned
@time + @early
@time + "1"
@time + nil
@time - "1"
@early + 7.quo(2)
@early + 1.quo(3)
(@early + 1.quo(3)).usec
(@early + 1.quo(3)).to_f
(@early + 1.quo(3)).to_r
(@zoned + 1).zone
@time <=> @early
@early <=> @time
@early <=> @local
@early <=> 1
@early == @local
@early.eql?(@local)
@early.equal?(@local)
@early === @local
@early != @time
@early < @time
@early > @time
@early <= @local
@early >= @local
@early < 1
@time.between?(@early, @zoned)
@early.hash == @local.hash
@early.hash == @time.hash
[@zoned, @early, @time].sort.first
[@early, @local].uniq.length
{ @early => 1 }[@local]
@time.is_a?(String)
@time.kind_of?(String)
@time.respond_to?(:year)
@time.then { |t| t.year }
@time.nope
!@time
@time.strftime
@time.strftime(1)
@time.strftime("%Y", "x")
"#{@time}"
[@time, nil].inspect
@time & 1
@time[0]
(@before.to_date - @early.to_date).to_i
@early.to_date.to_s
# What every class may be asked
@early.%(@early)
@early.%(3)
@early.&(@early)
@early.&(3)
@early.*(@early)
@early.*(3)
@early.**(@early)
@early.**(3)
@early.+(@early)
@early.+(3)
@early.-(@early)
@early.-(3)
@early./(@early)
@early./(3)
@early.<(@early)
@early.<(3)
@early.<<(@early)
@early.<<(3)
@early.<=(@early)
@early.<=(3)
@early.<=>(@early)
@early.<=>(3)
@early.==(@early)
@early.===(@early)
@early.>(@early)
@early.>(3)
@early.>=(@early)
@early.>=(3)
@early.>>(@early)
@early.>>(3)
@early.[](@early)
@early.[](3)
@early.^(@early)
@early.^(3)
@early.|(@early)
@early.|(3)
@early.eql?(@early)
@early.equal?(@early)
@early.!=(@early)
@early.!
@early.+@
@early.-@
@early.~
@early.freeze
@early.frozen?
@early.inspect
@early.new
@early.nil?
@early.not
@early.then
@early.to_a
@early.to_s
@early.[]=(0, 1)
@early.is_a?(String)
@early.kind_of?(Encoding)
@early.respond_to?(:to_s)
@early.respond_to?(:nope)
@early.to_jail
# Rails
@time.blank?
@time.present?
@time.presence
@time.in?([@time])
@time.to_param
@early.to_query("k")
@time.acts_like?(:time)
@time.acts_like?(:date)
@time.duplicable?
@time.to_formatted_s
@time.to_formatted_s(:db)
@time.to_formatted_s(:short)
@time.to_formatted_s(:long)
@time.to_formatted_s(:long_ordinal)
@time.to_formatted_s(:rfc822)
@zoned.to_formatted_s(:rfc822)
@time.to_formatted_s(:number)
@time.to_formatted_s(:nsec)
@time.to_formatted_s(:usec)
@time.to_formatted_s(:time)
@time.to_formatted_s(:iso8601)
@zoned.to_formatted_s(:iso8601)
@time.to_formatted_s(:nope)
@time.to_s(:db)
@zoned.to_s(:db)
@time.minus_without_duration(5)
@time.minus_without_duration(@early)
@time.plus_without_duration(5)
@time.plus_without_duration("x")
# Refused
@early.methods
