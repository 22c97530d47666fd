use base::Secret;
use serde_json::json;
use store::testing::engines;

use crate::app::{App, on_each_engine};
use crate::composed::{reaching_this_machine, refused, sends};
use crate::far_side::{Answer, FarSide};

fn text(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

#[tokio::test]
async fn a_secret_is_listed_without_its_value_and_deleted_once() {
    on_each_engine(async |app| {
        let (connect, project_id) = (&app.connect, app.project_id);
        connect.set_environment_secret(project_id, "B_2", text("two")).await.unwrap();
        let first = connect.set_environment_secret(project_id, "A", text("one")).await.unwrap();
        app.after(1);
        let again = connect.set_environment_secret(project_id, "A", text("more")).await.unwrap();
        assert_eq!(again.created_at, first.created_at);
        assert!(again.updated_at > first.updated_at);
        let listed = connect.environment_secrets(project_id).await.unwrap();
        let keys: Vec<_> = listed.iter().map(|secret| secret.key.as_str()).collect();
        assert_eq!(keys, ["A", "B_2"]);
        connect.delete_environment_secret(project_id, "A").await.unwrap();
        let gone = connect.delete_environment_secret(project_id, "A").await.expect_err("gone");
        assert_eq!(gone.code(), "environment_secret_not_found");
    })
    .await;
}

#[tokio::test]
async fn a_key_that_no_expression_can_name_and_a_value_without_end_are_refused() {
    let app = App::start().await;
    let set = async |key: &str, value: &str| {
        let set = app.connect.set_environment_secret(app.project_id, key, text(value)).await;
        set.map_err(|error| error.code())
    };
    for key in ["", "1A", "A-B", "a b", "ä", &"A".repeat(129)] {
        assert_eq!(set(key, "x").await.expect_err(key), "invalid_secret_key");
    }
    for value in ["", &"x".repeat(16 * 1024 + 1)] {
        assert_eq!(set("KEY", value).await.expect_err("size"), "invalid_secret_value");
    }
    for number in 0..500 {
        set(&format!("K{number}"), "x").await.unwrap();
    }
    assert_eq!(set("ONE_MORE", "x").await.expect_err("full"), "too_many_secrets");
    set("K7", "again").await.unwrap();
}

#[tokio::test]
async fn every_process_sends_the_new_value_once_it_has_heard_of_the_change() {
    for engine in engines() {
        let app = App::on(engine, reaching_this_machine).await;
        let far_side = FarSide::answering(Answer::json(200, "{}")).await;
        let other = app.another_process();
        let request = json!({
            "url": far_side.url("/"),
            "headers": { "X-Key": { "$reference": { "kind": "secret", "name": "KEY" } } },
        });
        for value in ["first value", "second value"] {
            let mut conn = app.store.read().await.unwrap();
            let before = store::changes::latest(&mut conn).await.unwrap();
            drop(conn);
            app.connect.set_environment_secret(app.project_id, "KEY", text(value)).await.unwrap();
            let mut conn = app.store.read().await.unwrap();
            for change in store::changes::after(&mut conn, before).await.unwrap() {
                other.forget(&change);
            }
            drop(conn);
            sends(&other, &app, &request).await;
            assert_eq!(far_side.seen().last().unwrap().header("x-key"), Some(value));
        }
        let error = {
            app.connect.delete_environment_secret(app.project_id, "KEY").await.unwrap();
            refused(&app, &request).await
        };
        assert_eq!(error.code(), "environment_secret_missing");
    }
}

#[tokio::test]
async fn a_value_that_was_moved_to_another_key_is_refused() {
    for engine in engines() {
        let app = App::on(engine, reaching_this_machine).await;
        for key in ["A", "B"] {
            app.connect.set_environment_secret(app.project_id, key, text(key)).await.unwrap();
        }
        let mut tx = app.store.begin().await.unwrap();
        let rows = store::environment_secrets::list(&mut tx, app.project_id).await.unwrap();
        let moved = store::environment_secrets::EnvironmentSecret {
            value: rows[1].value.clone(),
            ..rows[0].clone()
        };
        store::environment_secrets::put(&mut tx, &moved).await.unwrap();
        tx.commit().await.unwrap();
        let url = json!({ "$reference": { "kind": "secret", "name": "A" } });
        let error = refused(&app, &json!({ "url": url })).await;
        assert_eq!(error.code(), "environment_secret_unreadable");
    }
}
