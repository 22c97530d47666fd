use connect::{Callback, CallbackQuery, InstallOptions};

use crate::app::{App, query_of};

fn failure(callback: Callback) -> (String, bool) {
    match callback {
        Callback::Failed { origin, error, .. } => (error.code().to_owned(), origin.is_some()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_callback_with_another_state_is_refused() {
    let app = App::start().await;
    let popup = app.popup(InstallOptions::default()).await;
    let query =
        CallbackQuery { state: Some("forged".to_owned()), ..app.signs_in("ann", &popup).await };
    let refused = app.connect.finish_oauth(query, Some(&popup.cookie)).await;
    assert_eq!(failure(refused), ("attempt_expired".to_owned(), false));
}

#[tokio::test]
async fn a_callback_in_another_browser_is_refused_and_harms_nothing() {
    let app = App::start().await;
    let popup = app.popup(InstallOptions::default()).await;
    let query = app.signs_in("ann", &popup).await;
    for cookie in [None, Some("forged")] {
        let refused = app.connect.finish_oauth(query.clone(), cookie).await;
        assert_eq!(failure(refused), ("other_browser".to_owned(), false));
    }
    let connected = app.connect.finish_oauth(query, Some(&popup.cookie)).await;
    assert!(matches!(connected, Callback::Connected { .. }), "{connected:?}");
}

#[tokio::test]
async fn a_callback_cannot_come_twice() {
    let app = App::start().await;
    let popup = app.popup(InstallOptions::default()).await;
    let query = app.signs_in("ann", &popup).await;
    app.connect.finish_oauth(query.clone(), Some(&popup.cookie)).await;
    let again = app.popup(InstallOptions::default()).await;
    let replayed = app.connect.finish_oauth(query, Some(&again.cookie)).await;
    assert_eq!(failure(replayed), ("attempt_finished".to_owned(), false));
    assert_eq!(app.token_requests("authorization_code"), 1);
}

#[tokio::test]
async fn an_attempt_ends_after_ten_minutes() {
    let app = App::start().await;
    let popup = app.popup(InstallOptions::default()).await;
    let query = app.signs_in("ann", &popup).await;
    app.after(600);
    let late = app.connect.finish_oauth(query, Some(&popup.cookie)).await;
    assert_eq!(failure(late).0, "attempt_expired");
}

#[tokio::test]
async fn an_answer_from_another_issuer_is_refused() {
    let app = App::start().await;
    let popup = app.popup(InstallOptions::default()).await;
    let mut query = app.signs_in("ann", &popup).await;
    query.iss = Some("https://evil.example/organizations/v2.0".to_owned());
    let refused = app.connect.finish_oauth(query, Some(&popup.cookie)).await;
    assert_eq!(failure(refused), ("other_issuer".to_owned(), true));
}

#[tokio::test]
async fn the_issuer_we_asked_is_accepted() {
    let app = App::start().await;
    let popup = app.popup(InstallOptions::default()).await;
    let mut query = app.signs_in("ann", &popup).await;
    query.iss = Some("https://login.microsoftonline.com/some-tenant/v2.0".to_owned());
    let connected = app.connect.finish_oauth(query, Some(&popup.cookie)).await;
    assert!(matches!(connected, Callback::Connected { .. }), "{connected:?}");
}

#[tokio::test]
async fn someone_who_declines_reads_so() {
    let app = App::start().await;
    let popup = app.popup(InstallOptions::default()).await;
    let query = app.decides("ann", &popup, "cancel").await;
    let declined = app.connect.finish_oauth(query, Some(&popup.cookie)).await;
    assert_eq!(failure(declined), ("consent_denied".to_owned(), true));
    assert!(app.credentials().await.is_empty());
}

#[tokio::test]
async fn someone_whose_administrator_must_agree_gets_a_link_that_works() {
    let app = App::start().await;
    let popup = app.popup(InstallOptions::default()).await;
    let query = app.decides("tess", &popup, "cancel").await;
    let failed = app.connect.finish_oauth(query, Some(&popup.cookie)).await;
    let Callback::Failed { origin: Some(_), error, .. } = failed else { panic!("{failed:?}") };
    assert_eq!(error.code(), "admin_consent_required");
    let link = error.meta().unwrap()["adminConsentUrl"].as_str().unwrap();
    let mut url: url::Url = link.parse().unwrap();
    assert_eq!(url.path(), "/organizations/v2.0/adminconsent");
    url.query_pairs_mut().append_pair("sandbox_person", "ada");
    let answer = app.browse(http::Method::POST, &url, "decision=accept").await;
    let location = answer.headers()["location"].to_str().unwrap().parse().unwrap();
    let consented = app.connect.finish_oauth(query_of(&location), None).await;
    assert!(matches!(consented, Callback::AdminConsented { .. }), "{consented:?}");

    let popup = app.popup(InstallOptions::default()).await;
    let query = app.signs_in("tess", &popup).await;
    let connected = app.connect.finish_oauth(query, Some(&popup.cookie)).await;
    assert!(matches!(connected, Callback::Connected { .. }), "{connected:?}");
}

#[tokio::test]
async fn a_switched_off_integration_connects_nobody() {
    let mut app = App::start().await;
    app.integration.is_active = false;
    let begin = connect::BeginOAuth {
        integration: &app.integration,
        user_id: app.user_id,
        typed: [].into(),
        origin: crate::app::ORIGIN.to_owned(),
        session_key: None,
        options: InstallOptions::default(),
        redirect_override: None,
    };
    let error = app.connect.begin_oauth(begin).await.expect_err("it is off");
    assert_eq!(error.code(), "integration_inactive");
}
