-- Text: splitting, counting, patterns, formatting, joining.

local syllables = { "ka", "si", "to", "re", "mu", "na", "li", "pe", "vo", "du" }
local seed = 99
local function random(limit)
  seed = (seed * 16807) % 2147483647
  return seed % limit
end

local function word()
  local parts = {}
  for i = 1, 1 + random(3) do parts[i] = syllables[1 + random(#syllables)] end
  return table.concat(parts)
end

local function text(words)
  local all = {}
  for i = 1, words do
    all[i] = random(15) == 0 and string.format("%d.%02d", random(500), random(100)) or word()
  end
  return table.concat(all, " ")
end

local function counted(text)
  local counts, names = {}, {}
  for name in text:gmatch("%a+") do
    if not counts[name] then names[#names + 1] = name end
    counts[name] = (counts[name] or 0) + 1
  end
  table.sort(names, function(a, b)
    if counts[a] ~= counts[b] then return counts[a] > counts[b] end
    return a < b
  end)
  return counts, names
end

local function digest(text)
  local sum = 17
  for i = 1, #text do sum = (sum * 31 + text:byte(i)) & 0xffffffff end
  return sum
end

local total, lines = 0, {}
for round = 1, n do
  local page = text(400)
  local counts, names = counted(page)
  local changed = page:gsub("(%a)(%a+)", function(first, rest) return first:upper() .. rest end)
  changed = changed:gsub("%d+%.(%d+)", "<%1>"):reverse()
  for number in page:gmatch("%d+%.%d+") do total = total + tonumber(number) end
  local best = {}
  for i = 1, 3 do best[i] = string.format("%-8s%3d", names[i], counts[names[i]]) end
  lines[round] = string.format("%3d %08x %s", round, digest(changed), table.concat(best, "|"))
end
print(lines[1])
print(string.format("%.2f %08x", total, digest(table.concat(lines, "\n"))))
