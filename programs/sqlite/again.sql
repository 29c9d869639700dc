-- A second run on the same file: what the first one wrote is there.

SELECT type, name FROM sqlite_schema ORDER BY name;
SELECT count(*), sum(pages), round(sum(price), 2) FROM book;
SELECT hex(cover), title FROM book WHERE title >= 'volume 7' AND pages > 500 ORDER BY title LIMIT 5;
INSERT INTO log (what) SELECT 'again: ' || count(*) FROM author;
SELECT * FROM log ORDER BY at DESC LIMIT 1;
PRAGMA quick_check;
