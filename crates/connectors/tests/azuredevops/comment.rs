use serde_json::json;

use crate::app::{App, PROJECT};

#[tokio::test]
async fn a_comment_is_added_in_either_format() {
    let app = App::start().await;
    let inputs = json!({ "project": PROJECT, "type": "Task", "title": "Discussed" });
    let id = app.does("create_work_item", inputs).await["id"].clone();
    let comment = app.does("add_comment", json!({ "id": id, "text": "**Look**" })).await;
    assert_eq!(comment["format"], "markdown");
    assert_eq!((&comment["text"], &comment["workItemId"]), (&json!("**Look**"), &id));
    let inputs = json!({ "id": id, "text": "<b>x</b>", "format": "html", "project": PROJECT });
    assert_eq!(app.does("add_comment", inputs).await["format"], "html");
    let item = app.does("get_work_item", json!({ "id": id })).await;
    assert_eq!(item["fields"]["System.CommentCount"], 2);
}

#[tokio::test]
async fn a_comment_of_an_earlier_try_is_found() {
    let app = App::start().await;
    let inputs = json!({ "project": PROJECT, "type": "Task", "title": "Discussed" });
    let id = app.does("create_work_item", inputs).await["id"].clone();
    let inputs = json!({ "id": id, "text": "Tom & Jerry", "format": "html" });
    let (action, context) = (app.action("add_comment"), app.context_of("execution-1.step-1"));
    assert_eq!(action.find_mark(&context, &inputs).await.unwrap(), None);
    let done = action.perform(&context, &inputs).await.unwrap();
    assert_eq!(action.find_mark(&context, &inputs).await.unwrap(), Some(done));
    let other = json!({ "id": id, "text": "Tom", "format": "html" });
    assert_eq!(action.find_mark(&context, &other).await.unwrap(), None);
}
