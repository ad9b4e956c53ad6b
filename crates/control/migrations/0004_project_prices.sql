-- A project's own prices, and the currency in which it wants to see costs. As in 0001: TEXT and BIGINT
-- only, times in UTC microseconds.

-- prices and rates are JSON arrays, which the server has checked. revision grows with every change; a
-- row stays, so that no revision comes twice.
CREATE TABLE project_prices (
    project_id          TEXT   NOT NULL PRIMARY KEY REFERENCES projects (id),
    revision            BIGINT NOT NULL,
    prices              TEXT   NOT NULL,
    prices_updated_at   BIGINT,
    currency            TEXT,
    rates               TEXT   NOT NULL,
    currency_updated_at BIGINT
);
