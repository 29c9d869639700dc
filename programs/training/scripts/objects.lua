-- Tables, closures, a small class system, and a queue of tasks that wake each other.

local function class(base)
    local methods = {}
    methods.__index = methods
    function methods.new(...)
        local object = setmetatable({}, methods)
        if object.init then object:init(...) end
        return object
    end
    return setmetatable(methods, { __index = base })
end

local Shape = class()
function Shape:init(name) self.name = name end
function Shape:area() return 0 end
function Shape:describe() return self.name .. ":" .. math.floor(self:area()) end

local Box = class(Shape)
function Box:init(w, h) Shape.init(self, "box"); self.w, self.h = w, h end
function Box:area() return self.w * self.h end

local Disc = class(Shape)
function Disc:init(r) Shape.init(self, "disc"); self.r = r end
function Disc:area() return 3.25 * self.r ^ 2 end

local Vector = class()
function Vector:init(x, y) self.x, self.y = x, y end
Vector.__add = function(a, b) return Vector.new(a.x + b.x, a.y + b.y) end
Vector.__eq = function(a, b) return a.x == b.x and a.y == b.y end

-- A heap of tasks by time.
local Queue = class()
function Queue:init() self.items, self.size = {}, 0 end
function Queue:push(time, task)
    local items, i = self.items, self.size + 1
    self.size = i
    while i > 1 and items[i // 2].time > time do
        items[i] = items[i // 2]
        i = i // 2
    end
    items[i] = { time = time, task = task }
end
function Queue:pop()
    local items, top = self.items, self.items[1]
    local last = items[self.size]
    items[self.size] = nil
    self.size = self.size - 1
    local i = 1
    while 2 * i <= self.size do
        local child = 2 * i
        if child < self.size and items[child + 1].time < items[child].time then child = child + 1 end
        if items[child].time >= last.time then break end
        items[i] = items[child]
        i = child
    end
    if self.size > 0 then items[i] = last end
    return top
end

local function counter(step)
    local n = 0
    return function() n = n + step; return n end
end

local function map(list, f)
    local out = {}
    for i, v in ipairs(list) do out[i] = f(v, i) end
    return out
end

local function fold(list, f, start)
    for _, v in ipairs(list) do start = f(start, v) end
    return start
end

local sum = 0
for round = 1, 30 do
    local shapes = {}
    for i = 1, 200 do
        shapes[i] = i % 3 == 0 and Disc.new(i) or Box.new(i, round)
    end
    sum = sum + fold(map(shapes, function(s) return s:area() end), function(a, b) return a + b end, 0)
    sum = sum + #table.concat(map(shapes, function(s) return s:describe() end), ",")
    table.sort(shapes, function(a, b) return a:area() < b:area() end)
    local seen = {}
    for i, s in ipairs(shapes) do
        local key = s.name .. i % 17
        seen[key] = (seen[key] or 0) + 1
    end
    for key, n in pairs(seen) do sum = sum + #key * n end
end

local place = Vector.new(0, 0)
for i = 1, 20000 do place = place + Vector.new(i % 3, -(i % 5)) end

local queue, log, tick = Queue.new(), {}, counter(3)
local function worker(id, left)
    return function(now)
        log[#log + 1] = id
        if left > 0 then queue:push(now + (id * 7 + left) % 11 + 1, worker(id, left - 1)) end
        if left % 10 == 0 then tick() end
    end
end
for id = 1, 50 do queue:push(id, worker(id, 100)) end
while queue.size > 0 do
    local item = queue:pop()
    item.task(item.time)
end
local mix = 0
for i, id in ipairs(log) do mix = (mix * 31 + id * i) & 0xffffffff end
print(sum, place.x, place.y, #log, mix, tick())
