//! Accounts that nobody uses, and secrets that come to their end.

use std::time::Duration;

use base::Secret;
use connect::{Happened, NewProof};
use serde_json::json;
use store::credentials::Status;
use store::{PageRequest, renewals};

use crate::app::{App, on_each_engine};
use crate::misbehaviour::connected_by_a_bare_form;

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn an_unused_account_is_renewed_before_its_refresh_token_lapses() {
    on_each_engine(async |app| {
        let id = app.connected("ann").await;
        app.clock.advance(DAY * 59);
        assert_eq!(app.connect.renew_idle().await.unwrap(), 0);
        for days in [2, 61, 61] {
            app.clock.advance(DAY * days);
            assert_eq!(app.connect.renew_idle().await.unwrap(), 1);
            assert_eq!(app.connect.renew_idle().await.unwrap(), 0);
        }
        assert_eq!(app.credential(id).await.refreshed_at, app.clock.now());
        assert_eq!(app.get("/projects?api-version=5.0").await.unwrap().0, 200);
    })
    .await;
}

#[tokio::test]
async fn an_account_that_could_not_be_renewed_is_tried_again_hours_later() {
    on_each_engine(async |app| {
        app.connected("ann").await;
        app.clock.advance(DAY * 61);
        app.world().set_entra(|settings| settings.token_error = Some(90_033));
        assert_eq!(app.connect.renew_idle().await.unwrap(), 0);
        app.world().set_entra(|settings| settings.token_error = None);
        app.after(3_600);
        assert_eq!(app.connect.renew_idle().await.unwrap(), 0);
        app.after(6 * 3_600);
        assert_eq!(app.connect.renew_idle().await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_unused_account_without_a_refresh_token_is_left_alone_and_holds_nobody_up() {
    on_each_engine(async |app| {
        let id = connected_by_a_bare_form(&app).await;
        let since = app.clock.now();
        app.clock.advance(DAY * 61);
        assert_eq!(app.connect.renew_idle().await.unwrap(), 0);
        let row = app.credential(id).await;
        assert_eq!((row.status, row.refreshed_at), (Status::Valid, since));
        assert_eq!((row.refresh_failure_count, row.refresh_lease_until), (0, None));
        // It comes up again hours later only, so that it takes nobody's turn.
        let mut conn = app.store.read().await.unwrap();
        let now = app.clock.now();
        let due = renewals::list_idle(&mut conn, "azuredevops", "default", now, now, 9);
        assert_eq!(due.await.unwrap(), []);
    })
    .await;
}

async fn announcements(app: &App) -> Vec<(u64, bool)> {
    let mut conn = app.store.read().await.unwrap();
    let kind = Some(Happened::SecretExpiring.as_str());
    let page = PageRequest::default();
    let listed = store::events::list(&mut conn, app.project_id, kind, &page).await.unwrap();
    let payloads = listed.items.into_iter().map(|event| event.payload);
    payloads
        .map(|one| (one["daysLeft"].as_u64().unwrap(), one["hasSuccessor"].as_bool().unwrap()))
        .collect()
}

#[tokio::test]
async fn the_end_of_a_secret_is_announced_once_at_30_14_7_and_1_days() {
    on_each_engine(async |app| {
        let secret = |days: u32| NewProof {
            expires_at: Some(app.clock.now() + DAY * days),
            ..Secret::new(sandbox::DEVELOPMENT_CLIENT_SECRET.to_owned()).into()
        };
        let client_id = sandbox::DEVELOPMENT_CLIENT_ID;
        app.connect.set_client(&app.integration, client_id, secret(40)).await.unwrap();
        app.connect.set_successor(&app.integration, secret(400)).await.unwrap();
        for _ in 0..45 * 4 {
            app.connect.announce_expiring_secrets().await.unwrap();
            app.clock.advance(DAY / 4);
        }
        let expected = [30, 14, 7, 1].map(|days| (days, true));
        assert_eq!(announcements(&app).await, expected);

        // A new secret has an end of its own, and of those that are past the nearest counts.
        app.connect.set_client(&app.integration, client_id, secret(3)).await.unwrap();
        assert_eq!(app.connect.announce_expiring_secrets().await.unwrap(), 1);
        assert_eq!(announcements(&app).await.last(), Some(&(3, false)));
        assert_eq!(json!(app.connect.announce_expiring_secrets().await.unwrap()), json!(0));
    })
    .await;
}
