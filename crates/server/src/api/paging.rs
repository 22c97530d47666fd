//! Lists in pages.

use axum::extract::{FromRequestParts, Query};
use base::{Error, Result};
use http::request::Parts;
use serde::{Deserialize, Serialize};
use store::PageRequest;
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::failure::Failure;

/// Which page is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct PageQuery {
    /// The `next` of the page before; left out for the first.
    pub after: Option<String>,
    /// How many items, at most 200.
    #[param(maximum = 200, default = 50)]
    pub limit: Option<u32>,
}

impl PageQuery {
    /// What the store understands.
    pub fn request(&self) -> Result<PageRequest> {
        let after = self.after.as_deref().map(str::parse).transpose()?;
        Ok(PageRequest { after, limit: self.limit.unwrap_or(0) })
    }
}

impl FromRequestParts<App> for PageQuery {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let Query(query) = Query::from_request_parts(parts, app).await.map_err(|cause| {
            Error::invalid("invalid_query", format!("The query has another form: {cause}."))
        })?;
        Ok(query)
    }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct PageBody<T> {
    /// The items, in the order that the list says: of creation, unless it is another.
    pub items: Vec<T>,
    /// Pass it as `after` for the next page; null on the last.
    pub next: Option<String>,
}

impl<T> PageBody<T> {
    /// The page as the API shows it.
    pub fn of<Row>(page: store::Page<Row>, show: impl Fn(Row) -> T) -> Self {
        Self {
            next: page.next.map(|cursor| cursor.to_string()),
            items: page.items.into_iter().map(show).collect(),
        }
    }
}
