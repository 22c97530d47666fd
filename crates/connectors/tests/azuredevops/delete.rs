use serde_json::{Value, json};

use crate::app::{App, PROJECT};

async fn makes(app: &App) -> Value {
    let inputs = json!({ "project": PROJECT, "type": "Task", "title": "Short-lived" });
    app.does("create_work_item", inputs).await["id"].clone()
}

#[tokio::test]
async fn a_deleted_item_lies_in_the_recycle_bin_until_it_is_restored() {
    let app = App::start().await;
    let id = makes(&app).await;
    let deleted = app.does("delete_work_item", json!({ "id": id })).await;
    assert_eq!(deleted["title"], "Short-lived");
    assert_eq!(deleted["destroyed"], false);
    let error = app.tries("get_work_item", json!({ "id": id })).await.unwrap_err();
    assert_eq!(error.code(), "work_item_not_found");
    let restored = app.does("restore_work_item", json!({ "id": id })).await;
    assert_eq!(restored["fields"]["System.Title"], "Short-lived");
    let error = app.tries("restore_work_item", json!({ "id": id })).await.unwrap_err();
    assert_eq!(error.code(), "not_in_recycle_bin");
}

#[tokio::test]
async fn destroying_takes_the_id_a_second_time() {
    let app = App::start().await;
    let id = makes(&app).await;
    for inputs in [
        json!({ "id": id, "destroy": true }),
        json!({ "id": id, "destroy": true, "destroy_id": 1 }),
    ] {
        let error = app.tries("delete_work_item", inputs).await.unwrap_err();
        assert_eq!(error.code(), "destroy_not_confirmed");
    }
    app.does("get_work_item", json!({ "id": id })).await;
}

#[tokio::test]
async fn an_administrator_destroys_and_nobody_else() {
    let (ann, ben) = (App::start().await, App::of("ben", "acme").await);
    let id = makes(&ben).await;
    let inputs = json!({ "id": id, "destroy": true, "destroy_id": id });
    let error = ben.tries("delete_work_item", inputs).await.unwrap_err();
    assert_eq!(error.code(), "not_permitted");
    for is_deleted in [false, true] {
        let id = makes(&ann).await;
        if is_deleted {
            ann.does("delete_work_item", json!({ "id": id })).await;
        }
        let context = ann.context_of("execution-1.step-1");
        let inputs = json!({ "id": id, "destroy": true, "destroy_id": id });
        let action = ann.action("delete_work_item");
        assert_eq!(action.find_mark(&context, &inputs).await.unwrap(), None);
        let destroyed = action.perform(&context, &inputs).await.unwrap();
        assert_eq!(
            (&destroyed["title"], &destroyed["destroyed"]),
            (&json!("Short-lived"), &json!(true))
        );
        let error = ann.tries("restore_work_item", json!({ "id": id })).await.unwrap_err();
        assert_eq!(error.code(), "not_in_recycle_bin");
        let found = action.find_mark(&context, &inputs).await.unwrap().unwrap();
        assert_eq!((&found["id"], &found["destroyed"]), (&id, &json!(true)));
    }
}

#[tokio::test]
async fn an_earlier_try_is_found() {
    let app = App::start().await;
    let (id, context) = (makes(&app).await, app.context_of("execution-1.step-1"));
    let inputs = json!({ "id": id });
    let (delete, restore) = (app.action("delete_work_item"), app.action("restore_work_item"));
    assert_eq!(delete.find_mark(&context, &inputs).await.unwrap(), None);
    let deleted = delete.perform(&context, &inputs).await.unwrap();
    assert_eq!(delete.find_mark(&context, &inputs).await.unwrap(), Some(deleted));
    assert_eq!(restore.find_mark(&context, &inputs).await.unwrap(), None);
    let restored = restore.perform(&context, &inputs).await.unwrap();
    assert_eq!(restore.find_mark(&context, &inputs).await.unwrap(), Some(restored));
}

#[tokio::test]
async fn a_dry_run_deletes_and_restores_nothing() {
    let app = App::start().await;
    let inputs = json!({ "id": makes(&app).await });
    let would_be =
        app.action("delete_work_item").perform(&app.context().dry_run(), &inputs).await.unwrap();
    assert_eq!(would_be["title"], "Short-lived");
    app.does("get_work_item", inputs.clone()).await;
    app.does("delete_work_item", inputs.clone()).await;
    let would_be =
        app.action("restore_work_item").perform(&app.context().dry_run(), &inputs).await.unwrap();
    assert_eq!(would_be["fields"]["System.Title"], "Short-lived");
    app.does("restore_work_item", inputs).await;
}
