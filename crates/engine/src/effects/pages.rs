//! Reads the pages of a list, one call after the other.

use std::time::Duration;

use serde_json::{Value, json};

use super::call::{Call, Trouble};
use crate::journal::StepError;
use crate::steps::request::{PAGES_MAX, Pagination};

/// How many pages a test reads.
const TEST_PAGES_MAX: u32 = 3;
/// How large the rows of all pages may be together, as text.
const ROWS_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How long reading all pages may take.
const PAGES_TIME_MAX: Duration = Duration::from_secs(30 * 60);
/// How long a page waits for a far side that takes no more calls now. Longer, what was read counts.
const PAGE_WAIT_MAX: Duration = Duration::from_secs(5 * 60);
/// The header in which Azure DevOps gives the token of the next page.
const CONTINUATION_HEADER: &str = "x-ms-continuationtoken";

/// How the templates of a paginated step are rendered again. Both are given what `self` is:
/// `{"pageToken", "page", "response"}`, where `response` is the page before. The first page is the
/// job's input, rendered with `pageToken` null and `page` 1.
pub struct Pages<'p> {
    /// Renders the whole step, as it becomes a job's input.
    pub render: &'p (dyn Fn(&Value) -> Result<Value, StepError> + Send + Sync),
    /// Whether the condition `stop_when` holds.
    pub is_last: &'p (dyn Fn(&Value) -> Result<bool, StepError> + Send + Sync),
}

/// What was read so far.
#[derive(Default)]
struct Read {
    rows: Vec<Value>,
    bytes: usize,
    pages: u32,
    /// Of the last page.
    status: Value,
    headers: Value,
}

impl Read {
    fn output(self, error: Option<StepError>) -> Value {
        let response =
            json!({ "statusCode": self.status, "headers": self.headers, "body": self.rows });
        let mut output = json!({ "response": response, "pages": self.pages });
        if let Some(error) = error {
            output["error"] = json!(error);
        }
        output
    }

    /// Takes the rows of a page.
    fn add(&mut self, rows: Vec<Value>, response: &Value) -> Result<(), StepError> {
        self.pages += 1;
        self.status = response["statusCode"].clone();
        self.headers = response["headers"].clone();
        for row in rows {
            self.bytes += row.to_string().len();
            if self.bytes > ROWS_BYTES_MAX {
                let message = format!(
                    "The pages hold more than {ROWS_BYTES_MAX} bytes; what fits is kept. Ask for \
                     fewer fields or rows."
                );
                return Err(StepError::new("pages_too_large", message));
            }
            self.rows.push(row);
        }
        Ok(())
    }
}

/// Reads page after page. When a later page fails, what was read so far is the output, with the
/// error beside it.
pub(super) async fn read_all(
    call: &Call<'_>,
    pagination: &Pagination,
    pages: &Pages<'_>,
    is_test: bool,
) -> Result<Value, Trouble> {
    let most = match pagination {
        Pagination::AzureDevops { pages_max, .. } | Pagination::Custom { pages_max, .. } => {
            (*pages_max).min(PAGES_MAX).min(if is_test { TEST_PAGES_MAX } else { PAGES_MAX })
        }
    };
    let give_up = call.clock().now() + PAGES_TIME_MAX;
    let mut read = Read::default();
    let mut walk = Walk::begin(pagination, call.job.input.clone());
    loop {
        let response = match call.once(&walk.input).await {
            Ok(response) => response,
            Err(trouble) if read.pages == 0 => return Err(trouble),
            Err(Trouble { until: Some(until), .. })
                if until.since(call.clock().now()) <= PAGE_WAIT_MAX && until <= give_up =>
            {
                call.clock().sleep_until(until).await;
                continue;
            }
            Err(trouble) => return Ok(read.output(Some(trouble.error))),
        };
        let next = match walk.rows(&response) {
            Ok(rows) => {
                let next = walk.step(&rows, response.clone(), read.pages + 1, pages);
                read.add(rows, &response).and(next)
            }
            Err(error) if read.pages == 0 => return Err(Trouble::lasting(error)),
            Err(error) => Err(error),
        };
        match next {
            Ok(true) if read.pages >= most => return Ok(read.output(None)),
            Ok(true) if call.clock().now() >= give_up => {
                let error = StepError::new("pages_too_slow", "Reading the pages took too long.");
                return Ok(read.output(Some(error)));
            }
            Ok(true) => {}
            Ok(false) => return Ok(read.output(None)),
            Err(error) => return Ok(read.output(Some(error))),
        }
    }
}

/// The way from page to page.
struct Walk<'w> {
    pagination: &'w Pagination,
    /// The next request.
    input: Value,
    /// The token that led to it.
    token: Value,
    /// Rows a page, where pages are counted.
    limit: u64,
    rows_before: Vec<Value>,
    skipped: u64,
}

impl<'w> Walk<'w> {
    fn begin(pagination: &'w Pagination, mut input: Value) -> Self {
        let mut limit = 0;
        if let Pagination::AzureDevops { limit: usual, .. } = pagination {
            set_default(&mut input, "$top", json!(usual));
            let set = input["query"]["$top"].as_u64();
            limit = set.unwrap_or_else(|| u64::from(*usual));
        }
        Self { pagination, input, token: Value::Null, limit, rows_before: Vec::new(), skipped: 0 }
    }

    /// The rows of a page.
    fn rows(&self, response: &Value) -> Result<Vec<Value>, StepError> {
        let path = match self.pagination {
            Pagination::AzureDevops { .. } => "body.value",
            Pagination::Custom { output, .. } => output,
        };
        match at(response, path) {
            // The same rows again: the list does not know how to skip, and has ended.
            Some(Value::Array(rows)) if *rows == self.rows_before => Ok(Vec::new()),
            Some(Value::Array(rows)) => Ok(rows.clone()),
            Some(Value::Null) => Ok(Vec::new()),
            _ => {
                let message = format!(
                    "The answer has no list at \"{path}\", where the pagination of this step says \
                     that a page's rows are."
                );
                Err(StepError::new("page_without_rows", message))
            }
        }
    }

    /// Makes the next request. False when there is no further page.
    fn step(
        &mut self,
        rows: &[Value],
        response: Value,
        page: u32,
        pages: &Pages<'_>,
    ) -> Result<bool, StepError> {
        match self.pagination {
            Pagination::AzureDevops { .. } => Ok(self.step_in_azure_devops(rows, &response)),
            Pagination::Custom { page_token, stop_when, .. } => {
                let token = at(&response, page_token).cloned().unwrap_or_default();
                let known = json!({ "pageToken": token, "page": page, "response": response });
                if is_nothing(&token) || (stop_when.is_some() && (pages.is_last)(&known)?) {
                    return Ok(false);
                }
                if token == self.token {
                    let message = "The page gave the token that led to it, so there is no way on. \
                                   Check where the pagination of this step looks for the token.";
                    return Err(StepError::new("page_token_repeats", message));
                }
                let known =
                    json!({ "pageToken": token, "page": page + 1, "response": known["response"] });
                self.input = (pages.render)(&known)?;
                self.token = token;
                Ok(true)
            }
        }
    }

    /// By a token where the answer gives one, else by counting, as long as pages are full.
    fn step_in_azure_devops(&mut self, rows: &[Value], response: &Value) -> bool {
        let header = response["headers"].get(CONTINUATION_HEADER);
        if let Some(token) = header.filter(|token| !is_nothing(token)) {
            let goes_on = *token != self.token;
            self.token = token.clone();
            set(&mut self.input, "continuationToken", token.clone());
            return goes_on;
        }
        // More or fewer rows than asked for: the list is not counted, or has ended.
        let is_full = u64::try_from(rows.len()) == Ok(self.limit);
        if !is_full || !self.token.is_null() {
            return false;
        }
        self.rows_before = rows.to_vec();
        self.skipped += self.limit;
        set(&mut self.input, "$skip", json!(self.skipped));
        true
    }
}

fn query(input: &mut Value) -> Option<&mut serde_json::Map<String, Value>> {
    let fields = input.as_object_mut()?;
    fields.entry("query").or_insert_with(|| json!({})).as_object_mut()
}

fn set(input: &mut Value, name: &str, value: Value) {
    if let Some(query) = query(input) {
        query.insert(name.to_owned(), value);
    }
}

fn set_default(input: &mut Value, name: &str, value: Value) {
    if let Some(query) = query(input) {
        query.entry(name).or_insert(value);
    }
}

fn is_nothing(token: &Value) -> bool {
    matches!(token, Value::Null | Value::Bool(false)) || token.as_str() == Some("")
}

/// What stands at a path such as `body.value` or `headers.x-next`. `response.` may stand before it.
fn at<'r>(response: &'r Value, path: &str) -> Option<&'r Value> {
    let path = path.strip_prefix("response.").unwrap_or(path);
    path.split('.').try_fold(response, |value, name| match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        value => value.get(name),
    })
}
