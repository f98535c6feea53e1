"""The demo's rows as DuckDB queries: row number and seed in, the same row out, on every machine.

Nothing is random. A row is arithmetic on its number and on hashes of number and seed, so a query over any
range of row numbers gives the same rows as a query over all of them, and any number of rows streams.
"""

from __future__ import annotations

# The calendar days that `orders` covers, from 2024-01-01 on. Later files bring later days.
DAYS = 90

# On this one day a till rang up fractions of a cent, which DECIMAL(10,2) rounds to 0.00. It is one day and
# not every day because a table that drops such rows rewrites every staged file that holds one.
TEST_SALES_DAY = 16

# Order numbers of `more_orders` start here, far above every number that `orders` gives.
MORE_ORDERS_FROM = 1_000_000_000_000

_FIRST_NAMES = (
    "anna ben clara david emma felix greta hugo ida jonas katrin luis marie noah olivia paul rosa samuel "
    "tessa victor wanda zoë andré chloé łukasz søren"
)
_LAST_NAMES = "smith müller rossi garcía dubois nowak jensen silva kowalski o'neil bakker tanaka"
_COUNTRIES = "DE FR GB ES IT NL PL DK SE PT IE US CA BR JP AU"
_CATEGORIES = "books garden kitchen music office outdoor sports toys"
_KINDS = "basic classic compact deluxe light pro travel vintage"
_THINGS = "bench board bottle box chair cup frame kit lamp mat rack set"


def customers(seed: int, *, customers: int, first: int, last: int) -> str:
    """The query for the customer rows [first, last) of `3 * customers`, of which about two thirds exist.

    Every customer has one to three rows, one for each state it was in, and no two with the same `updated_at`.
    For every fifth customer a later row is an older state, so that "last read" and "newest" differ.
    """
    return f"""
        SELECT
            CASE WHEN dirt BETWEEN 0 AND 4 THEN NULL ELSE id END AS customer_id,
            CASE WHEN dirt BETWEEN 5 AND 7 THEN NULL
                 WHEN dirt BETWEEN 100 AND 299 THEN '  ' || upper(full_name[1]) || full_name[2:] || '   '
                 WHEN dirt BETWEEN 300 AND 349 THEN upper(full_name)
                 WHEN dirt BETWEEN 350 AND 399 THEN full_name || ' '
                 ELSE full_name END AS name,
            CASE WHEN dirt BETWEEN 8 AND 24 THEN NULL
                 WHEN dirt BETWEEN 200 AND 399 THEN ' Customer' || id || '@Example.COM'
                 ELSE 'customer' || id || '@example.com' END AS email,
            CASE WHEN dirt BETWEEN 25 AND 34 THEN -age
                 WHEN dirt BETWEEN 35 AND 39 THEN NULL
                 ELSE age END AS age,
            CASE WHEN dirt BETWEEN 40 AND 69 THEN NULL
                 WHEN dirt BETWEEN 70 AND 74 THEN 'legacy'
                 WHEN id % 7 = 0 THEN 'inactive'
                 WHEN id % 31 = 0 THEN 'blocked'
                 ELSE 'active' END AS status,
            CASE WHEN dirt BETWEEN 75 AND 84 THEN NULL
                 WHEN dirt BETWEEN 85 AND 87 THEN 'XX'
                 ELSE {_one_of(_COUNTRIES, _mix("id", seed, 14))} END AS country,
            make_timestamptz(
                (1685577600 + state * 5184000 + {_mix("i", seed, 15)} % 4320000) * 1000000) AS updated_at
        FROM (
            SELECT
                i,
                id,
                CASE WHEN id % 5 = 0 THEN 3 - visit ELSE visit END AS state,
                {_dirt("i", seed)} AS dirt,
                {_one_of(_FIRST_NAMES, _mix("id", seed, 11))} || ' '
                    || {_one_of(_LAST_NAMES, _mix("id", seed, 12))} AS full_name,
                CAST(18 + {_mix("id", seed, 13)} % 70 AS INTEGER) AS age
            FROM (
                SELECT i, i % {customers} + 1 AS id, i // {customers} AS visit
                FROM range({first}, {last}) r(i)
            )
            WHERE visit <= {_mix("id", seed, 10)} % 3
        )
    """


def products(seed: int, *, products: int) -> str:
    """The query for `products` rows; the last has no key, and the last tenth before it is never ordered."""
    return f"""
        SELECT
            CASE WHEN id = {products} AND id > 1 THEN NULL ELSE id END AS product_id,
            {_one_of(_KINDS, _mix("id", seed, 21))} || ' ' || {_one_of(_THINGS, _mix("id", seed, 22))}
                || ' ' || id AS product_name,
            CASE WHEN id % 50 = 7 THEN NULL ELSE {_one_of(_CATEGORIES, _mix("id", seed, 23))} END AS category,
            {_decimal(f"(199 + {_mix('id', seed, 24)} % 20000) * 100")} AS list_price
        FROM range(1, {products + 1}) r(id)
    """


def orders(seed: int, *, customers: int, products: int, orders: int, first: int, last: int) -> str:
    """The query for the order rows [first, last) of `orders`: by day, up to three days late."""
    return _order_rows(
        seed,
        customers=customers,
        products=products,
        first=first,
        last=last,
        number="i + 1",
        day=f"greatest(0, i * {DAYS} // {orders} - {_late(seed)})",
    )


def more_orders(seed: int, *, customers: int, products: int, rows: int) -> str:
    """The query for `rows` later orders whose numbers no other seed and no call of `orders` gives.

    They are of the three days that this seed stands for, after those of `orders`, or up to three days late.
    """
    day = DAYS + seed % 100 * 3
    return _order_rows(
        seed,
        customers=customers,
        products=products,
        first=0,
        last=rows,
        number=f"{MORE_ORDERS_FROM * (seed + 1)} + i",
        day=f"{day} + i * 3 // {rows} - {_late(seed)}",
    )


def _order_rows(
    seed: int, *, customers: int, products: int, first: int, last: int, number: str, day: str
) -> str:
    sold = max(1, products * 9 // 10)
    # Customers whose number ends in 25, 50, 75 or 00 never order.
    return f"""
        SELECT
            CASE WHEN dirt BETWEEN 0 AND 1 THEN NULL ELSE {number} END AS order_id,
            CASE WHEN dirt BETWEEN 2 AND 6 THEN NULL
                 WHEN dirt BETWEEN 34 AND 53 THEN {customers} + 1 + buyer % 1000
                 WHEN buyer % 25 = 0 AND buyer > 0 THEN buyer - 1
                 ELSE greatest(buyer, 1) END AS customer_id,
            CASE WHEN dirt BETWEEN 7 AND 9 THEN NULL
                 WHEN dirt BETWEEN 54 AND 58 THEN {products} + 1 + product % 50
                 ELSE 1 + product % {sold} END AS product_id,
            CASE WHEN dirt BETWEEN 10 AND 12 THEN NULL
                 ELSE {_decimal(_AMOUNT)} END AS amount,
            CASE WHEN dirt BETWEEN 22 AND 24 THEN NULL
                 WHEN dirt BETWEEN 25 AND 28 THEN 0
                 WHEN dirt BETWEEN 29 AND 32 THEN -quantity
                 ELSE quantity END AS quantity,
            CASE WHEN dirt = 33 THEN NULL
                 ELSE strftime(DATE '2024-01-01' + CAST(day AS INTEGER), '%Y-%m-%d') END AS order_date
        FROM (
            SELECT
                i,
                {day} AS day,
                {_dirt("i", seed)} AS dirt,
                {_mix("i", seed, 31)} % {customers} AS buyer,
                {_mix("i", seed, 32)} AS product,
                {_mix("i", seed, 33)} AS price,
                CAST(1 + {_mix("i", seed, 34)} % 10 AS BIGINT) AS quantity,
            FROM range({first}, {last}) r(i)
        )
    """


# The unscaled amount: cents times 100 plus the last two of its four decimals; every sixth is a tie (x.xx50).
_AMOUNT = f"""CASE
    WHEN dirt BETWEEN 19 AND 21 THEN 0
    WHEN day = {TEST_SALES_DAY} AND dirt >= 900 THEN 1 + price % 49
    ELSE CASE WHEN dirt BETWEEN 13 AND 18 THEN -1 ELSE 1 END
        * ((99 + price % 24000) * CASE WHEN price % 41 = 0 THEN 12 ELSE 1 END * 100
           + ([50, 49, 51, 0, 25, 99])[1 + price // 24000 % 6])
    END"""


def _mix(number: str, seed: int, salt: int) -> str:
    """A well-spread BIGINT >= 0 that depends on the number, the seed and the salt alone."""
    return f"CAST(hash({number}, {seed}, {salt}) >> 2 AS BIGINT)"


def _dirt(number: str, seed: int) -> str:
    """0 to 999, each exactly once in a thousand consecutive rows: so that no kind of dirt is ever missing."""
    return f"({number} * 617 + {seed % 1000}) % 1000"


def _late(seed: int) -> str:
    """How many days late an order arrives: mostly none, at most three."""
    return f"CASE WHEN i % 20 = 0 THEN {_mix('i', seed, 30)} % 4 ELSE 0 END"


def _one_of(words: str, number: str) -> str:
    quoted = ["'" + word.replace("'", "''") + "'" for word in words.split()]
    return f"([{', '.join(quoted)}])[1 + {number} % {len(quoted)}]"


def _decimal(unscaled: str) -> str:
    """DECIMAL(12,4) from its unscaled integer, without a binary fraction in between."""
    return f"CAST(CAST({unscaled} AS DECIMAL(13,0)) * CAST(0.0001 AS DECIMAL(5,4)) AS DECIMAL(12,4))"
