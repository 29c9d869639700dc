-- Text: builds, splits, searches and formats strings.

local words = {}
for word in ("a lantern by the quiet harbour was lit again before the last boat came home"):gmatch("%a+") do
    words[#words + 1] = word
end

local function sentence(seed, length)
    local parts = {}
    for i = 1, length do
        seed = (seed * 1103515245 + 12345) % 2147483648
        parts[i] = words[seed // 65536 % #words + 1]
    end
    return table.concat(parts, " "), seed
end

local function wrap(text, width)
    local lines, line = {}, ""
    for word in text:gmatch("%S+") do
        if #line + #word + 1 > width then
            lines[#lines + 1] = line
            line = word
        else
            line = line == "" and word or line .. " " .. word
        end
    end
    lines[#lines + 1] = line
    return lines
end

local function caesar(text, shift)
    local out = {}
    for i = 1, #text do
        local c = text:byte(i)
        if c >= 97 and c <= 122 then
            c = (c - 97 + shift) % 26 + 97
        end
        out[i] = string.char(c)
    end
    return table.concat(out)
end

local function distance(a, b)
    local row = {}
    for j = 0, #b do row[j] = j end
    for i = 1, #a do
        local previous = row[0]
        row[0] = i
        for j = 1, #b do
            local kept = row[j]
            local cost = a:byte(i) == b:byte(j) and 0 or 1
            row[j] = math.min(row[j] + 1, row[j - 1] + 1, previous + cost)
            previous = kept
        end
    end
    return row[#b]
end

local seed, total = 7, 0
for round = 1, 40 do
    local text
    text, seed = sentence(seed, 120)
    local lines = wrap(text, 60)
    for number, line in ipairs(lines) do
        local title = line:gsub("(%a)(%a*)", function(first, rest) return first:upper() .. rest end)
        local stripped = title:gsub("%s+", "_"):lower()
        if caesar(caesar(stripped, 3), 23) ~= stripped then print("caesar fails") end
        total = total + #string.format("%3d | %-60s | %5.2f", number, title, #line / 7)
        if line:find("quiet harbour", 1, true) or line:match("^(%a+) .- %1$") then total = total + 1000 end
    end
    total = total + distance(lines[1], lines[2])
    local reversed = text:reverse():upper():rep(2, "/")
    total = total + select(2, reversed:gsub("[AEIOU]", "."))
end
print(total)
