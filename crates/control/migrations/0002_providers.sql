-- Model providers, virtual models, and limits of API keys. As in 0001: TEXT and BIGINT only, times in
-- UTC microseconds.

-- models and header_names are JSON arrays of texts. What is sealed can be opened with the server's
-- secret key and only in its own row; hint is the credential's last four characters.
CREATE TABLE providers (
    id                TEXT   NOT NULL PRIMARY KEY,
    project_id        TEXT   NOT NULL REFERENCES projects (id),
    name              TEXT   NOT NULL,
    kind              TEXT   NOT NULL,
    base_url          TEXT,
    api_version       TEXT,
    models            TEXT   NOT NULL,
    header_names      TEXT   NOT NULL,
    sealed_headers    TEXT,
    sealed_credential TEXT,
    hint              TEXT   NOT NULL,
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL,
    UNIQUE (project_id, name)
);

-- definition is a JSON object, which the server has checked.
CREATE TABLE virtual_models (
    project_id TEXT   NOT NULL REFERENCES projects (id),
    name       TEXT   NOT NULL,
    definition TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (project_id, name)
);

-- budget is a decimal number of US dollars; it and its period are null together.
CREATE TABLE key_limits (
    key_id              TEXT   NOT NULL PRIMARY KEY REFERENCES api_keys (id),
    requests_per_minute BIGINT CHECK (requests_per_minute > 0),
    tokens_per_minute   BIGINT CHECK (tokens_per_minute > 0),
    budget              TEXT,
    budget_period       TEXT CHECK (budget_period IN ('day', 'week', 'month')),
    updated_at          BIGINT NOT NULL,
    CHECK ((budget IS NULL) = (budget_period IS NULL))
);
