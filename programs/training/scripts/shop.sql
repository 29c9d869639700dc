-- Orders of a shop: inserts with constraints and indices, joins, sorts, windows and text.

CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, town TEXT NOT NULL);
CREATE TABLE item (id INTEGER PRIMARY KEY, label TEXT UNIQUE, cents INTEGER NOT NULL);
CREATE TABLE sale (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customer, item INTEGER REFERENCES item,
                   amount INTEGER NOT NULL, day INTEGER NOT NULL);
BEGIN;
WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 500)
INSERT INTO customer SELECT i, 'Customer ' || hex(i * 7919 % 1009), 'Town ' || (i * 31 % 23) FROM n;
WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 300)
INSERT INTO item SELECT i, printf('%s-%03d', char(97 + i % 26, 97 + i * 5 % 26), i), 99 + i * 379 % 5000 FROM n;
WITH RECURSIVE n (i, s) AS (VALUES (1, 77) UNION ALL SELECT i + 1, (s * 69069 + 1) & 0xffffffff FROM n WHERE i < 12000)
INSERT INTO sale SELECT i, 1 + (s >> 7) % 500, 1 + (s >> 16) % 300, 1 + (s >> 11) % 9, (s >> 5) % 365 FROM n;
COMMIT;
CREATE INDEX sale_by_customer ON sale (customer, day);
CREATE INDEX sale_by_item ON sale (item);

SELECT town, count(*), sum(amount * cents) AS total FROM sale JOIN customer ON customer.id = sale.customer
JOIN item ON item.id = sale.item GROUP BY town ORDER BY total DESC;
SELECT label, count(DISTINCT customer), avg(amount) FROM item LEFT JOIN sale ON sale.item = item.id
GROUP BY item.id ORDER BY 2 DESC, label LIMIT 20;
SELECT name, day, running FROM (
    SELECT customer, day, sum(amount) OVER (PARTITION BY customer ORDER BY day, id) AS running FROM sale
) JOIN customer ON customer.id = customer WHERE running BETWEEN 100 AND 104 ORDER BY name, day LIMIT 20;
SELECT substr(label, 1, 2) AS start, group_concat(id, '+') FROM item WHERE label LIKE '%a%' GROUP BY start ORDER BY start;
UPDATE sale SET amount = amount + 1 WHERE customer IN (SELECT id FROM customer WHERE town = 'Town 7');
DELETE FROM sale WHERE day % 30 = 11 AND NOT EXISTS (SELECT 1 FROM item WHERE item.id = sale.item AND cents > 2000);
SELECT count(*), sum(amount), max(day), total(amount * 1.5) FROM sale;
SELECT a.name, b.name FROM customer a JOIN customer b ON a.town = b.town AND a.id < b.id
WHERE abs(a.id - b.id) > 450 ORDER BY lower(a.name), b.id DESC LIMIT 15;
SELECT id, round(julianday('2020-01-01', '+' || day || ' days'), 1), upper(hex(zeroblob(2))) FROM sale ORDER BY amount DESC, day, id LIMIT 10;
