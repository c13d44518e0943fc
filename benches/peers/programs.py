"""The peers' programs: the SQL and Polars that find the pairs, without zones, measures or validation.

Each is given to `python3 -c` with its arguments and prints one line. DuckDB gets what an expert would
give it: no detection of types, two threads, and the small side of a join as the build side, because a
CSV does not say how long it is.
"""

OPEN = """
import duckdb, sys
db = duckdb.connect()
db.execute("SET threads=2; SET preserve_insertion_order=false; SET enable_progress_bar=false")
small_side = "SET disabled_optimizers='join_order,build_side_probe_side'"
def csv(path, **columns):
    types = ", ".join(f"'{name}':'{kind}'" for name, kind in columns.items())
    return f"read_csv('{path}', header=true, delim=',', quote='', escape='', auto_detect=false, columns={{{types}}})"
def windows(path):
    cases = csv(path, person_id='VARCHAR', onset='DATE', confirmed='TIMESTAMP', isolated='TIMESTAMP')
    db.execute(f"CREATE TEMP TABLE c AS SELECT person_id, onset::TIMESTAMP - INTERVAL 2 DAY AS ws, isolated AS we FROM {cases}")
"""

# visits, cases, varchar|typed|parquet → pairs, seconds, seconds of the best 24 hours
VISITS = OPEN + """
visits, cases, kind = sys.argv[1:4]
parquet = kind == "parquet"
time = "VARCHAR" if kind == "varchar" else "TIMESTAMP"
src = f"read_parquet('{visits}')" if parquet else csv(visits, person_id='VARCHAR', start=time, end=time, place_id='VARCHAR')
if kind == "varchar":
    db.execute(small_side)
windows(cases)
db.execute(f"CREATE TEMP TABLE own AS SELECT v.* FROM {src} v WHERE person_id IN (SELECT person_id FROM c)")
db.execute('''CREATE TEMP TABLE cv AS SELECT *, strftime(cs, '%Y-%m-%d %H:%M:%S') css, strftime(ce, '%Y-%m-%d %H:%M:%S') ces FROM
  (SELECT person_id case_id, place_id, greatest(start::TIMESTAMP, ws) cs, least("end"::TIMESTAMP, we) ce FROM own JOIN c USING (person_id))
  WHERE cs < ce''')
first, last = ("css", "ces") if kind == "varchar" else ("cs", "ce")
db.execute(f'''CREATE TEMP TABLE o AS SELECT case_id, v.person_id, epoch(greatest(v.start::TIMESTAMP, cs))::BIGINT s,
    epoch(least(v."end"::TIMESTAMP, ce))::BIGINT e
  FROM {src} v JOIN cv ON v.place_id = cv.place_id AND v.start < cv.{last} AND v."end" > cv.{first} WHERE v.person_id <> cv.case_id''')
print(*db.execute('''SELECT count(*), sum(d)::BIGINT, sum(m)::BIGINT FROM (SELECT case_id, person_id, sum(e - s) d, max(greatest(f, b)) m FROM
  (SELECT *, sum(e - s) OVER f - greatest(0, last_value(e) OVER f - (s + 86400)) f,
          sum(e - s) OVER b - greatest(0, (e - 86400) - first_value(s) OVER b) b FROM o
   WINDOW f AS (PARTITION BY case_id, person_id ORDER BY s RANGE BETWEEN CURRENT ROW AND 86399 FOLLOWING),
          b AS (PARTITION BY case_id, person_id ORDER BY e RANGE BETWEEN 86399 PRECEDING AND CURRENT ROW)) GROUP BY ALL)''').fetchone())
"""

# visits, cases → pairs, seconds
POLARS = """
import os, sys
os.environ["POLARS_MAX_THREADS"] = "2"
import polars as pl
visits, cases = sys.argv[1:3]
typed = visits.endswith(".parquet")
v = pl.scan_parquet(visits) if typed else pl.scan_csv(visits, infer_schema=False)
t = lambda name: pl.col(name) if typed else pl.col(name).str.to_datetime("%Y-%m-%d %H:%M:%S")
c = pl.read_csv(cases, infer_schema=False).with_columns(ws=pl.col("onset").str.to_datetime("%Y-%m-%d") - pl.duration(days=2),
    we=pl.col("isolated").str.to_datetime("%Y-%m-%d %H:%M:%S")).select("person_id", "ws", "we")
own = v.filter(pl.col("person_id").is_in(c["person_id"].to_list())).collect(engine="streaming")
own = own.join(c, on="person_id").with_columns(cs=pl.max_horizontal(t("start"), "ws"), ce=pl.min_horizontal(t("end"), "we"))
own = own.filter(pl.col("cs") < pl.col("ce")).select(pl.col("person_id").alias("case_id"), "place_id", "cs", "ce")
hit = v.filter(pl.col("place_id").is_in(own["place_id"].unique().to_list())).with_columns(start=t("start"), end=t("end"))
o = (hit.join(own.lazy(), on="place_id")
     .filter((pl.col("start") < pl.col("ce")) & (pl.col("end") > pl.col("cs")) & (pl.col("person_id") != pl.col("case_id")))
     .select("case_id", "person_id", s=pl.max_horizontal("start", "cs"), e=pl.min_horizontal("end", "ce")))
r = o.group_by("case_id", "person_id").agg((pl.col("e") - pl.col("s")).dt.total_seconds().sum().alias("d")).collect(engine="streaming")
print(r.height, r["d"].sum(), "-")
"""

# pings, cases → pairs, matches: within 2 m and less than 60 s, by cells of 2 m and 60 s
PINGS = OPEN + """
pings, cases = sys.argv[1:3]
src = csv(pings, person_id='VARCHAR', start='TIMESTAMP', lon='DOUBLE', lat='DOUBLE')
db.execute(small_side)
windows(cases)
db.execute(f"CREATE TEMP TABLE own AS SELECT * FROM {src} WHERE person_id IN (SELECT person_id FROM c)")
dlat = 2 / 111194.0
dlon = dlat / 0.86
cell = f"floor(lon / {dlon})::INT x, floor(lat / {dlat})::INT y, (epoch(start) // 60)::INT z"
near = "(SELECT unnest([-1, 0, 1]) dx), (SELECT unnest([-1, 0, 1]) dy), (SELECT unnest([-1, 0, 1]) dz)"
db.execute(f'''CREATE TEMP TABLE g AS SELECT case_id, t, glon, glat, x + dx x, y + dy y, z + dz z FROM (SELECT person_id case_id, epoch(start)::BIGINT t,
  lon glon, lat glat, {cell} FROM own JOIN c USING (person_id) WHERE start >= ws AND start < we), {near}''')
sin2 = lambda a: f"pow(sin(radians({a}) / 2), 2)"
metres = f"2 * 6371008.8 * asin(sqrt({sin2('lat - glat')} + cos(radians(lat)) * cos(radians(glat)) * {sin2('lon - glon')}))"
print(*db.execute(f'''SELECT count(*), sum(n)::BIGINT FROM (SELECT case_id, person_id, count(*) n FROM
  (SELECT person_id, epoch(start)::BIGINT u, lon, lat, {cell} FROM {src}) v JOIN g USING (x, y, z)
  WHERE person_id <> case_id AND abs(u - t) < 60 AND {metres} <= 2 GROUP BY ALL)''').fetchone())
"""

# co-locations, cases → pairs, matches
COLOCATIONS = OPEN + """
rows, cases = sys.argv[1:3]
src = csv(rows, person_a='VARCHAR', person_b='VARCHAR', start='VARCHAR', end='VARCHAR')
windows(cases)
db.execute(f'''CREATE TEMP TABLE near AS SELECT * FROM {src} WHERE person_a IN (SELECT person_id FROM c) OR person_b IN (SELECT person_id FROM c)''')
db.execute('''CREATE TEMP TABLE both_ways AS SELECT person_a a, person_b b, start::TIMESTAMP s, "end"::TIMESTAMP e FROM near
  UNION ALL SELECT person_b, person_a, start::TIMESTAMP, "end"::TIMESTAMP FROM near''')
print(*db.execute('''SELECT count(*), sum(n)::BIGINT FROM (SELECT a, b, count(*) n FROM both_ways JOIN c ON a = person_id
  WHERE greatest(s, ws) < least(e, we) GROUP BY ALL)''').fetchone())
"""

OPENPYXL = """
import openpyxl, sys
sheet = openpyxl.load_workbook(sys.argv[1], read_only=True).active
print(sum(1 for row in sheet.iter_rows(values_only=True) if row[0]))
"""

POLARS_EXCEL = """
import polars, sys
print(polars.read_excel(sys.argv[1]).height)
"""
