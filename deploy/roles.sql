-- The two roles and the database, once, as a superuser:
--
--   psql -v owner_password="'…'" -v app_password="'…'" -f deploy/roles.sql
--
-- The owner owns every table and runs the migrations (PORTAL_OWNER_URL, for `portal db` alone).
-- The app owns nothing, so the row policies between prisons bind it, and it can change no table.

CREATE ROLE portal_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD :owner_password;
CREATE ROLE portal_app   LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD :app_password;
CREATE DATABASE portal OWNER portal_owner ENCODING 'UTF8'
  LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C' TEMPLATE template0;
REVOKE CONNECT, TEMPORARY ON DATABASE portal FROM PUBLIC;
GRANT CONNECT ON DATABASE portal TO portal_app;
ALTER ROLE portal_app SET statement_timeout = '30s';
ALTER ROLE portal_app SET idle_in_transaction_session_timeout = '60s';
