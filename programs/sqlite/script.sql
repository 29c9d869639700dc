-- A library's catalogue: tables, constraints, a trigger, indices, transactions, and the kinds of
-- queries that make the engine sort, join, recurse and compute. Nothing here depends on the time,
-- on randomness or on the machine.

PRAGMA page_size = 1024;
PRAGMA foreign_keys = ON;

CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, born INTEGER CHECK (born > 0));
CREATE TABLE book (
    id INTEGER PRIMARY KEY,
    author INTEGER NOT NULL REFERENCES author (id),
    title TEXT NOT NULL COLLATE NOCASE,
    pages INTEGER,
    price REAL,
    cover BLOB
);
CREATE TABLE log (at INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT);
CREATE TRIGGER dearer AFTER UPDATE OF price ON book WHEN new.price > old.price BEGIN
    INSERT INTO log (what) VALUES (printf('%s: %.2f -> %.2f', new.title, old.price, new.price));
END;

BEGIN;
WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 40)
INSERT INTO author SELECT i, 'Author ' || char(65 + i * 7 % 26) || i, 1800 + i * 37 % 200 FROM n;
WITH RECURSIVE n (i, seed) AS (
    VALUES (1, 12345)
    UNION ALL
    SELECT i + 1, (seed * 1103515245 + 12345) & 0x7fffffff FROM n WHERE i < 3000
)
INSERT INTO book
SELECT i, 1 + (seed >> 8) % 40, printf('Volume %05x', seed >> 4), 50 + (seed >> 12) % 900,
       ((seed >> 6) % 10000) / 100.0, unhex(printf('%08x', seed))
FROM n;
COMMIT;

CREATE INDEX book_by_author ON book (author, price DESC);
CREATE INDEX book_by_title ON book (title) WHERE pages > 500;
ANALYZE;

-- Aggregates and a join.
SELECT count(*), sum(pages), round(avg(price), 6), min(title), max(title), total(price) FROM book;
SELECT a.name, count(*) AS books, sum(b.pages), round(sum(b.price), 2)
FROM author a JOIN book b ON b.author = a.id
GROUP BY a.id HAVING books > 70 ORDER BY books DESC, a.name LIMIT 12;

-- Window functions, a correlated query, a set operation.
SELECT title, price, rank() OVER w, round(sum(price) OVER (w ROWS 3 PRECEDING), 2)
FROM book WHERE author = 7 WINDOW w AS (PARTITION BY author ORDER BY price DESC, id)
LIMIT 10;
SELECT title FROM book b
WHERE price = (SELECT max(price) FROM book WHERE author = b.author) ORDER BY title LIMIT 10;
SELECT pages FROM book WHERE author = 3 INTERSECT SELECT pages FROM book WHERE author = 4 ORDER BY 1;

-- Recursion: the queens' problem on a board of six.
WITH RECURSIVE
    board (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM board WHERE i < 6),
    queens (depth, columns) AS (
        VALUES (0, '')
        UNION ALL
        SELECT depth + 1, columns || next.i FROM queens, board next
        WHERE depth < 6 AND NOT EXISTS (
            SELECT 1 FROM board earlier WHERE earlier.i <= depth
            AND abs(substr(columns, earlier.i, 1) - next.i) IN (0, depth + 1 - earlier.i))
    )
SELECT columns FROM queens WHERE depth = 6;

-- Text, numbers, JSON, dates that are given.
SELECT upper('straße'), length('straße'), instr('needle in hay', 'in'), replace('aXbX', 'X', '--');
SELECT 1 / 3.0, 1e308 * 10, -7 / 2, -7 % 3, 9223372036854775807 + 1, 0x7fff, 1.0, 123456789012345678;
SELECT json_extract('{"a": [1, 2.5, {"b": null}]}', '$.a[1]'), json_group_array(i * i)
FROM (WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT i FROM n);
SELECT date('2024-02-28', '+2 days'), julianday('2000-01-01 12:00'), strftime('%W %j', '2023-12-31');
SELECT printf('%-8s|%+08.3f|%x|%,d', 'left', -3.14159, 48879, 1234567), quote(x'00ff7f'), typeof(2.0);

-- What must fail, fails, and leaves things as they were.
INSERT INTO book (author, title) VALUES (999, 'Nobody');
INSERT INTO author VALUES (1, 'Twice', 1900);
INSERT INTO author VALUES (99, 'Unborn', -5);
SELECT * FROM nowhere;
BEGIN;
DELETE FROM book WHERE pages > 300;
SELECT count(*) FROM book;
ROLLBACK;
SELECT count(*) FROM book;

-- Changes through the trigger, a savepoint, an upsert.
UPDATE book SET price = round(price * 1.1, 2) WHERE author = 11 AND price > 90;
SELECT * FROM log;
SAVEPOINT here;
DELETE FROM log;
ROLLBACK TO here;
RELEASE here;
INSERT INTO author VALUES (1, 'Author renamed', 1850)
ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING name, born;
DELETE FROM book WHERE id % 3 = 0;
VACUUM;
PRAGMA integrity_check;
PRAGMA page_count;
