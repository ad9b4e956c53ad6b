-- What API keys have spent on models. As in 0001: TEXT and BIGINT only, times in UTC microseconds.

-- A row a key and UTC day (days since 1970-01-01), so that any period of days is a sum. The amount is
-- dollars and millionths of a millionth of one: together more digits than one BIGINT holds.
CREATE TABLE key_spending (
    key_id       TEXT   NOT NULL REFERENCES api_keys (id),
    day          BIGINT NOT NULL,
    dollars      BIGINT NOT NULL CHECK (dollars >= 0),
    picodollars  BIGINT NOT NULL CHECK (picodollars BETWEEN 0 AND 999999999999),
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (key_id, day)
);
