# What real Ruby answers. Reads {"expressions": [...], "rails": bool} from standard input and writes one
# {"value": inspected} or {"error": class} an expression. The instance variables below are what samples.ts
# gives to the same expressions here.

require 'json'
require 'time'
require 'date'
require 'timeout'
require 'kconv'

input = JSON.parse(STDIN.read)

if input['rails']
  require 'active_support'
  require 'active_support/all'
end

# What safe mode's own surroundings add, which no package brings.
class Object
  def to_jail = self
end

class Hash
  def rec_merge!(other)
    merge!(other) { |_, mine, theirs| mine.is_a?(Hash) && theirs.is_a?(Hash) ? mine.rec_merge!(theirs) : theirs }
  end
end

class Scope
  def initialize
    @time = Time.at(1_704_164_645, 678_901_234, :nsec).utc
    @early = Time.at(1_704_067_200).utc
    @local = Time.at(1_704_067_200)
    @zoned = Time.at(1_720_000_000, 500, :millisecond, in: '+05:30')
    @west = Time.at(951_782_400, in: '-03:30')
    @before = Time.at(-1_000_000_000).utc
    @date = Date.new(2024, 1, 2)
    @leap = Date.new(2024, 2, 29)
    @old = Date.new(1582, 10, 15)
    @ancient = Date.new(-1, 3, 1)
    @datetime = DateTime.new(2024, 1, 2, 3, 4, 5.678r, '+05:30')
    @noon = DateTime.new(2001, 2, 3, 12, 0, 0)
  end

  def answer(expression)
    { value: Timeout.timeout(2) { instance_eval(expression).inspect.encode('UTF-8') } }
  rescue ScriptError, StandardError => error
    { error: error.class.name }
  end
end

$VERBOSE = nil
puts JSON.generate(input['expressions'].map { |expression| Scope.new.answer(expression) })
