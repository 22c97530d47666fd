//! Reads typed values out of a row. A value that cannot be read back names its column in the log.

use base::id::{Id, Identified};
use base::{Error, Result, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::any::AnyRow;
use sqlx::{Any, Decode, Row as _, Type};

use crate::error::database_error;

/// The value of a column of type text, bigint or bytea, or an option of one.
pub(crate) fn get<'r, T: Decode<'r, Any> + Type<Any>>(row: &'r AnyRow, column: &str) -> Result<T> {
    row.try_get(column).map_err(database_error)
}

pub(crate) fn id<K: Identified>(row: &AnyRow, column: &str) -> Result<Id<K>> {
    get::<String>(row, column)?.parse()
}

pub(crate) fn optional_id<K: Identified>(row: &AnyRow, column: &str) -> Result<Option<Id<K>>> {
    get::<Option<String>>(row, column)?.map(|text| text.parse()).transpose()
}

pub(crate) fn time(row: &AnyRow, column: &str) -> Result<Timestamp> {
    get(row, column).map(Timestamp)
}

pub(crate) fn optional_time(row: &AnyRow, column: &str) -> Result<Option<Timestamp>> {
    Ok(get::<Option<i64>>(row, column)?.map(Timestamp))
}

pub(crate) fn flag(row: &AnyRow, column: &str) -> Result<bool> {
    Ok(get::<i64>(row, column)? != 0)
}

/// A JSON document out of a text column.
pub(crate) fn json<T: DeserializeOwned>(row: &AnyRow, column: &str) -> Result<T> {
    let text: String = get(row, column)?;
    serde_json::from_str(&text)
        .map_err(|e| Error::internal(format!("column {column} holds another document: {e}")))
}

/// A JSON document out of a text column that may be null.
pub(crate) fn optional_json<T: DeserializeOwned>(row: &AnyRow, column: &str) -> Result<Option<T>> {
    let text: Option<String> = get(row, column)?;
    text.map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(|e| Error::internal(format!("column {column} holds another document: {e}")))
}

/// The text of a JSON document for a column. U+0000, which PostgreSQL cannot hold, is refused at
/// the server's door before anything comes here.
pub(crate) fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("stored documents have text keys and no failing parts")
}
