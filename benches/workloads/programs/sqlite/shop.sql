-- A shop's orders: inserts, an index, joins, groups, a window, updates, text, a rollback.
create table customers(id integer primary key, name text, town text);
create table orders(id integer primary key, customer integer, day integer, cents integer);

with recursive numbers(i) as (select 1 union all select i + 1 from numbers, argument where i < n)
insert into customers
select i, 'customer ' || (i * 7919 % 1000), substr('kasitoremunalipevodu', 1 + i % 9 * 2, 4) from numbers;

with recursive numbers(i) as (select 1 union all select i + 1 from numbers, argument where i < 8 * n)
insert into orders
select i, 1 + i * 48271 % (select n from argument), i * 31 % 365, 100 + i * 16807 % 9973 from numbers;

create index by_customer on orders(customer, day);

select town, count(*), sum(cents), max(day)
from orders join customers on customers.id = orders.customer
group by town order by sum(cents) desc, town limit 5;

select name, (select count(*) from orders where customer = customers.id and day between 30 and 120) as spring
from customers order by spring desc, name, id limit 5;

select day, cents, sum(cents) over (partition by customer order by day, id) as running
from orders where customer % 50 = 3 order by running desc, id limit 5;

begin;
update orders set cents = cents * 9 / 10 where day > 300 and customer in (select id from customers where name like '%7_');
delete from orders where day % 7 = 0;
select count(*), sum(cents) from orders;
rollback;
select count(*), sum(cents), group_concat(distinct day / 73) from orders;
select length(group_concat(upper(name), ', ')) from customers where town glob '*to*';
