-- Plain SQL that SQLite and PostgreSQL both accept: TEXT and BIGINT only.
-- Times are UTC microseconds. A released migration is never edited: its checksum is recorded.

CREATE TABLE organisations (
    id         TEXT   NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE projects (
    id             TEXT   NOT NULL PRIMARY KEY,
    org_id         TEXT   NOT NULL REFERENCES organisations (id),
    name           TEXT   NOT NULL,
    retention_days BIGINT NOT NULL CHECK (retention_days > 0),
    created_at     BIGINT NOT NULL
);

CREATE INDEX projects_org_id ON projects (org_id);

-- secret_hash is the lower-case hex SHA-256 of the secret; the secret itself is stored nowhere.
CREATE TABLE api_keys (
    id           TEXT   NOT NULL PRIMARY KEY,
    project_id   TEXT   NOT NULL REFERENCES projects (id),
    public_key   TEXT   NOT NULL UNIQUE,
    secret_hash  TEXT   NOT NULL UNIQUE,
    secret_hint  TEXT   NOT NULL,
    note         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at   BIGINT
);

CREATE INDEX api_keys_project_id ON api_keys (project_id);
