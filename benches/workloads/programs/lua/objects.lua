-- Objects with inherited methods, closures, sorting with a comparator, a recursive search, floats.

local Shape = {}
Shape.__index = Shape

function Shape.new(class, name)
  return setmetatable({ name = name, moves = 0 }, class)
end

function Shape:move(by)
  self.moves = self.moves + by
  return self
end

local Square = setmetatable({}, { __index = Shape })
Square.__index = Square

function Square:area()
  return self.side * self.side
end

local Circle = setmetatable({}, { __index = Shape })
Circle.__index = Circle

function Circle:area()
  return 3.125 * self.radius ^ 2
end

local seed = 7
local function random(limit)
  seed = (seed * 16807) % 2147483647
  return seed % limit
end

local function shapes(count)
  local all = {}
  for i = 1, count do
    local shape
    if random(2) == 0 then
      shape = Square:new("square" .. i)
      shape.side = random(100)
    else
      shape = Circle:new("circle" .. i)
      shape.radius = random(60)
    end
    all[#all + 1] = shape:move(random(9))
  end
  table.sort(all, function(a, b)
    local one, other = a:area(), b:area()
    if one ~= other then return one < other end
    return a.name < b.name
  end)
  return all
end

-- The number of ways in which queens stand on a board without attacking each other.
local function queens(size)
  local columns, rising, falling = {}, {}, {}
  local function place(row)
    if row > size then return 1 end
    local ways = 0
    for column = 1, size do
      local up, down = row + column, row - column
      if not (columns[column] or rising[up] or falling[down]) then
        columns[column], rising[up], falling[down] = true, true, true
        ways = ways + place(row + 1)
        columns[column], rising[up], falling[down] = nil, nil, nil
      end
    end
    return ways
  end
  return place(1)
end

-- A function that remembers what it answered.
local function remember(f)
  local known = {}
  return function(x)
    local answer = known[x]
    if answer == nil then
      answer = f(x)
      known[x] = answer
    end
    return answer
  end
end

local steps
steps = remember(function(x)
  if x == 1 then return 0 end
  return 1 + steps(x % 2 == 0 and x // 2 or 3 * x + 1)
end)

local sum, longest = 0, 1
for round = 1, n do
  local all = shapes(200)
  for _, shape in ipairs(all) do sum = sum + shape:area() * shape.moves end
  for x = round, round + 300 do
    if steps(x) > steps(longest) then longest = x end
  end
end
print(sum, longest, steps(longest), queens(6))
