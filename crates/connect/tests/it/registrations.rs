use base::Secret;

use crate::app::App;

#[tokio::test]
async fn without_an_app_and_without_development_keys_connecting_says_what_is_missing() {
    let app = App::with(|config| config.development_keys.clear()).await;
    let error = app.connect.client_of(&app.integration).await.expect_err("none");
    assert_eq!(error.code(), "development_keys_missing");
}

#[tokio::test]
async fn another_client_id_replaces_the_app_and_its_credentials_go_on_with_the_old_one() {
    let app = App::start().await;
    let secret = || Secret::new(sandbox::DEVELOPMENT_CLIENT_SECRET.to_owned());
    let set = |id: &'static str| app.connect.set_client(&app.integration, id, secret().into());
    set(sandbox::DEVELOPMENT_CLIENT_ID).await.unwrap();
    let first = app.connect.client_of(&app.integration).await.unwrap();
    let credential_id = app.connected("ann").await;
    set("another-app").await.unwrap();
    let second = app.connect.client_of(&app.integration).await.unwrap();
    assert_eq!(second.client_id, "another-app");
    assert_ne!(first.registration_id, second.registration_id);

    let credential = app.credential(credential_id).await;
    assert_eq!(credential.app_registration_id, first.registration_id);
    app.after(2 * 3_600);
    assert_eq!(app.get("/projects?api-version=5.0").await.unwrap().0, 200);

    app.connect.clear_client(&app.integration).await.unwrap();
    let none = app.connect.client_of(&app.integration).await.unwrap();
    assert_eq!(none.registration_id, None);
}

#[tokio::test]
async fn half_an_app_is_refused() {
    let app = App::start().await;
    let empty = Secret::new(String::new());
    let error =
        app.connect.set_client(&app.integration, "app", empty.into()).await.expect_err("half");
    assert_eq!(error.code(), "invalid_client");
}
