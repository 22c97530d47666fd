use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use engine::effects::pages::Pages;
use engine::effects::{Done, integration_request};
use serde_json::{Value, json};

use crate::far_side::{Answer, FarSide, Seen};
use crate::stage::{NO_PAGES, Stage, failure, output};

/// Gives pages `1`, `2`, … of two rows by `?page=`, and the last of `last` without a token.
fn page(seen: &Seen, last: u32) -> Answer {
    let number: u32 = seen.target.rsplit_once("page=").map_or(1, |(_, n)| n.parse().unwrap());
    let next = (number < last).then_some(number + 1);
    let body = json!({ "items": [number * 10, number * 10 + 1], "next": next });
    Answer::json(200, &body.to_string())
}

fn step(url: &str) -> Value {
    json!({
        "url": url,
        "pagination": { "preset": "custom", "output": "body.items", "page_token": "body.next" },
    })
}

/// Renders `?page={{ self.pageToken }}`.
fn by_query(url: &str) -> impl Fn(&Value) -> Result<Value, engine::journal::StepError> + use<> {
    let url = url.to_owned();
    move |own| {
        let mut next = step(&url);
        next["query"] = json!({ "page": own["pageToken"] });
        Ok(next)
    }
}

#[tokio::test]
async fn pages_are_read_until_there_is_no_token_and_their_rows_are_one_list() {
    let stage = Stage::start().await;
    let far_side = FarSide::start(|seen| Some(page(seen, 4))).await;
    let url = far_side.url("/");
    let pages = Pages { render: &by_query(&url), is_last: &|_| Ok(false) };
    let output = output(stage.requests_pages(step(&url), &pages, false).await);
    assert_eq!(output["response"]["body"], json!([10, 11, 20, 21, 30, 31, 40, 41]));
    assert_eq!((&output["pages"], &output["response"]["statusCode"]), (&json!(4), &json!(200)));
    assert_eq!(output.get("error"), None);
}

#[tokio::test]
async fn a_test_reads_three_pages_and_the_step_no_more_than_it_says() {
    let stage = Stage::start().await;
    let far_side = FarSide::start(|seen| Some(page(seen, 1_000))).await;
    let url = far_side.url("/");
    let pages = Pages { render: &by_query(&url), is_last: &|_| Ok(false) };
    let mut step = step(&url);
    let tested = output(stage.requests_pages(step.clone(), &pages, true).await);
    assert_eq!(tested["pages"], 3);
    step["pagination"]["pages_max"] = 5.into();
    let read = output(stage.requests_pages(step, &pages, false).await);
    assert_eq!(read["pages"], 5);
}

#[tokio::test]
async fn the_condition_ends_the_pages_and_sees_the_page() {
    let stage = Stage::start().await;
    let far_side = FarSide::start(|seen| Some(page(seen, 9))).await;
    let url = far_side.url("/");
    let is_last = |own: &Value| Ok(own["response"]["body"]["items"][0] == 20 && own["page"] == 2);
    let pages = Pages { render: &by_query(&url), is_last: &is_last };
    let mut step = step(&url);
    step["pagination"]["stop_when"] = json!({});
    let output = output(stage.requests_pages(step, &pages, false).await);
    assert_eq!(output["pages"], 2);
}

#[tokio::test]
async fn when_a_later_page_fails_what_was_read_is_kept_with_the_error() {
    let stage = Stage::start().await;
    let far_side = FarSide::start(|seen| match seen.target.ends_with("page=3") {
        true => Some(Answer::json(500, "{}")),
        false => Some(page(seen, 9)),
    })
    .await;
    let url = far_side.url("/");
    let pages = Pages { render: &by_query(&url), is_last: &|_| Ok(false) };
    let output = output(stage.requests_pages(step(&url), &pages, false).await);
    assert_eq!(output["response"]["body"], json!([10, 11, 20, 21]));
    assert_eq!(output["error"]["meta"]["status"], 500);
}

#[tokio::test]
async fn a_page_that_is_asked_to_wait_waits_and_goes_on() {
    let stage = Stage::start().await;
    let asked = AtomicU32::new(0);
    let far_side = FarSide::start(move |seen| {
        let is_first = seen.target.ends_with("page=2") && asked.fetch_add(1, Ordering::SeqCst) == 0;
        match is_first {
            true => Some(Answer::json(429, "{}").with("Retry-After", "20")),
            false => Some(page(seen, 3)),
        }
    })
    .await;
    let url = far_side.url("/");
    let pages = Pages { render: &by_query(&url), is_last: &|_| Ok(false) };
    let mut reading = std::pin::pin!(stage.requests_pages(step(&url), &pages, false));
    let done = loop {
        tokio::select! {
            biased;
            done = &mut reading => break done,
            () = tokio::task::yield_now() => {
                if far_side.seen().len() == 2 {
                    stage.world.clock.advance(Duration::from_secs(1));
                }
            }
        }
    };
    assert_eq!(output(done)["pages"], 3);
    assert_eq!(far_side.seen().len(), 4);
}

#[tokio::test]
async fn a_token_that_leads_back_to_its_own_page_and_an_answer_without_rows_are_told() {
    let stage = Stage::start().await;
    let far_side = FarSide::answering(Answer::json(200, r#"{"items":[1],"next":"a"}"#)).await;
    let url = far_side.url("/");
    let pages = Pages { render: &by_query(&url), is_last: &|_| Ok(false) };
    let read = output(stage.requests_pages(step(&url), &pages, false).await);
    assert_eq!(read["error"]["code"], "page_token_repeats");
    let mut step = step(&url);
    step["pagination"]["output"] = "body.rows".into();
    let (error, is_passing) = failure(stage.requests_pages(step, &pages, false).await);
    assert_eq!((error.code.as_str(), is_passing), ("page_without_rows", false));
}

/// Reads a list of the account's with the preset.
async fn reads(stage: &Stage, path: &str, limit: u32) -> Value {
    let step = json!({
        "path": path,
        "query": { "api-version": "7.1" },
        "pagination": { "preset": "azure_devops", "limit": limit },
    });
    let read = serde_json::from_value(step.clone()).unwrap();
    let job = stage.job(step);
    let done: Done =
        integration_request::perform(&stage.world, &job, &read, &NO_PAGES, false).await;
    output(done)
}

#[tokio::test]
async fn the_preset_reads_counted_lists_of_azure_devops_to_their_end() {
    let stage = Stage::start().await;
    let whole = reads(&stage, "/projects", 100).await;
    let all = whole["response"]["body"].as_array().unwrap().len();
    assert!(all > 1 && whole["pages"] == 1, "{whole}");
    let paged = reads(&stage, "/projects", 1).await;
    assert_eq!(paged["response"]["body"], whole["response"]["body"]);
    assert!(paged["pages"].as_u64().unwrap() >= all as u64);
}

#[tokio::test]
async fn the_preset_follows_tokens_and_ends_when_a_list_does_not_know_how_to_skip() {
    let stage = Stage::start().await;
    let far_side = FarSide::start(|seen| {
        let rows = |rows: &str| Answer::json(200, &format!("{{\"value\":{rows}}}"));
        Some(match seen.target.as_str() {
            "/tokens?%24top=2" => rows("[1]").with("x-ms-continuationtoken", "a"),
            "/tokens?%24top=2&continuationToken=a" => rows("[2,3]"),
            _ => rows("[1,2]"),
        })
    })
    .await;
    for (path, read, calls) in [("/tokens", json!([1, 2, 3]), 2), ("/same", json!([1, 2]), 2)] {
        let before = far_side.seen().len();
        let step = json!({
            "url": far_side.url(path),
            "pagination": { "preset": "azure_devops", "limit": 2 },
        });
        let output = output(stage.requests_pages(step, &NO_PAGES, false).await);
        assert_eq!(output["response"]["body"], read);
        assert_eq!(far_side.seen().len() - before, calls);
    }
}
