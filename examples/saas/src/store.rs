//! The database: settings, users, sessions and orders.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use polar_client::models::Order;
use polar_client::oauth2::{PendingLogin, SignedIn, unguessable};
use polar_client_kit::routes::SessionStore;
use polar_client_sqlite::SqliteReplayGuard;
use rusqlite::{Connection, OptionalExtension, Row, params};

type BoxError = Box<dyn Error + Send + Sync>;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS users (id TEXT PRIMARY KEY, email TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS sessions (key TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id));
    CREATE TABLE IF NOT EXISTS orders (
        id TEXT PRIMARY KEY, user_id TEXT, email TEXT NOT NULL, description TEXT NOT NULL, status TEXT NOT NULL,
        total INTEGER NOT NULL, refundable INTEGER NOT NULL, currency TEXT NOT NULL, created_at TEXT NOT NULL
    );
";

/// A user who has signed in.
#[derive(Clone, Debug)]
pub struct User {
    /// The id of the user at Polar, which is also the external id of the customer.
    pub id: String,
    /// E-mail address.
    pub email: String,
}

/// An order in the database. Amounts are in the smallest unit of the currency.
#[derive(Clone, Debug)]
pub struct StoredOrder {
    pub id: String,
    pub email: String,
    pub description: String,
    pub status: String,
    pub total: i64,
    pub refundable: i64,
    pub currency: String,
    pub created_at: String,
}

/// The database. Clones share it.
#[derive(Clone)]
pub struct Store {
    connection: Arc<Mutex<Connection>>,
    path: String,
    /// Logins that were started; after a restart, they have to be started again.
    logins: Arc<Mutex<HashMap<String, PendingLogin>>>,
}

impl Store {
    /// Opens the file, and creates it if it does not exist.
    pub fn open(path: &str) -> Result<Self, rusqlite::Error> {
        let connection = Connection::open(path)?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), path: path.to_owned(), logins: Arc::default() })
    }

    /// Stores in the same file which webhooks are done.
    pub fn replay_guard(&self) -> Result<SqliteReplayGuard, polar_client_sqlite::Error> {
        SqliteReplayGuard::open(&self.path)
    }

    pub fn setting(&self, name: &str) -> Result<Option<String>, rusqlite::Error> {
        let sql = "SELECT value FROM settings WHERE name = ?1";
        self.lock().query_row(sql, [name], |row| row.get(0)).optional()
    }

    pub fn set(&self, name: &str, value: &str) -> Result<(), rusqlite::Error> {
        self.lock().execute("INSERT OR REPLACE INTO settings VALUES (?1, ?2)", [name, value]).map(|_| ())
    }

    /// Returns the user of the browser's session.
    pub fn user(&self, headers: &HeaderMap) -> Result<Option<User>, rusqlite::Error> {
        let Some(session) = session_of(headers) else { return Ok(None) };
        let sql = "SELECT users.id, email FROM sessions JOIN users ON users.id = user_id WHERE key = ?1";
        let user = |row: &Row<'_>| Ok(User { id: row.get(0)?, email: row.get(1)? });
        self.lock().query_row(sql, [session], user).optional()
    }

    /// Ends the session of the browser.
    pub fn sign_out(&self, headers: &HeaderMap) -> Result<(), rusqlite::Error> {
        self.lock().execute("DELETE FROM sessions WHERE key = ?1", [session_of(headers)]).map(|_| ())
    }

    /// Stores the current state of an order.
    pub fn put_order(&self, order: &Order) -> Result<(), rusqlite::Error> {
        let values = params![
            order.id.to_string(),
            order.customer.external_id,
            order.customer.email.as_deref().unwrap_or_default(),
            order.description,
            order.status.as_str(),
            order.total_amount,
            order.refundable_amount,
            order.currency,
            order.created_at.format("%Y-%m-%d").to_string(),
        ];
        let sql = "INSERT OR REPLACE INTO orders VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        self.lock().execute(sql, values).map(|_| ())
    }

    /// Returns the orders of a user, or of everybody; the newest come first.
    pub fn orders(&self, user: Option<&User>) -> Result<Vec<StoredOrder>, rusqlite::Error> {
        let sql = "SELECT * FROM orders WHERE ?1 IS NULL OR user_id = ?1 ORDER BY created_at DESC, rowid DESC";
        let connection = self.lock();
        let mut statement = connection.prepare_cached(sql)?;
        let order = |row: &Row<'_>| {
            Ok(StoredOrder {
                id: row.get("id")?,
                email: row.get("email")?,
                description: row.get("description")?,
                status: row.get("status")?,
                total: row.get("total")?,
                refundable: row.get("refundable")?,
                currency: row.get("currency")?,
                created_at: row.get("created_at")?,
            })
        };
        statement.query_map([user.map(|user| &user.id)], order)?.collect()
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn logins(&self) -> MutexGuard<'_, HashMap<String, PendingLogin>> {
        self.logins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionStore for Store {
    async fn keep(&self, key: &str, login: PendingLogin) -> Result<(), BoxError> {
        self.logins().insert(key.to_owned(), login);
        Ok(())
    }

    async fn take(&self, key: &str) -> Result<Option<PendingLogin>, BoxError> {
        Ok(self.logins().remove(key))
    }

    async fn sign_in(&self, _: &Parts, user: SignedIn) -> Result<HeaderMap, BoxError> {
        let identity = user.identity.ok_or("the login has no identity")?;
        let email = identity.email.ok_or("the login has no e-mail address")?;
        let session = unguessable()?;
        let connection = self.lock();
        connection.execute("INSERT OR REPLACE INTO users VALUES (?1, ?2)", [&identity.subject, &email])?;
        connection.execute("INSERT INTO sessions VALUES (?1, ?2)", [session.expose(), &identity.subject])?;
        let cookie = format!("session={}; Path=/; HttpOnly; SameSite=Lax", session.expose());
        Ok(HeaderMap::from_iter([(SET_COOKIE, HeaderValue::try_from(cookie)?)]))
    }
}

fn session_of(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|text| text.split("; ")).filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| *name == "session").map(|(_, value)| value)
}
