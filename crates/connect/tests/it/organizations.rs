use connect::{Callback, InstallOptions};

use crate::app::{App, Popup};

/// Signs in and answers what the pop-up shows, with the token to go on by.
async fn signed_in(app: &App, person: &str) -> (Popup, Callback) {
    let popup = app.popup(InstallOptions::default()).await;
    let query = app.signs_in(person, &popup).await;
    let shown = app.connect.finish_oauth(query, Some(&popup.cookie)).await;
    (popup, shown)
}

#[tokio::test]
async fn of_several_organizations_the_person_chooses_one() {
    let app = App::start().await;
    let (popup, shown) = signed_in(&app, "ben").await;
    let Callback::Choose { attempt, accounts, label, .. } = shown else { panic!("{shown:?}") };
    assert_eq!(
        (accounts.as_slice(), label.as_str()),
        (&["acme", "globex"].map(str::to_owned)[..], "Organization")
    );
    assert!(app.credentials().await.is_empty());

    let chosen = app.connect.choose_account(&attempt, Some(&popup.cookie), "globex").await;
    assert!(matches!(chosen, Callback::Connected { .. }), "{chosen:?}");
    assert_eq!(app.credentials().await[0].provider_data["organization"], "globex");
}

#[tokio::test]
async fn the_choice_is_bound_to_the_browser_and_comes_once() {
    let app = App::start().await;
    let (popup, shown) = signed_in(&app, "ben").await;
    let Callback::Choose { attempt, .. } = shown else { panic!("{shown:?}") };
    let code = |callback| match callback {
        Callback::Failed { error, .. } => error.code().to_owned(),
        other => panic!("{other:?}"),
    };
    let elsewhere = app.connect.choose_account(&attempt, Some("forged"), "acme").await;
    assert_eq!(code(elsewhere), "other_browser");
    app.connect.choose_account(&attempt, Some(&popup.cookie), "acme").await;
    let again = app.popup(InstallOptions::default()).await;
    let twice = app.connect.choose_account(&attempt, Some(&again.cookie), "acme").await;
    assert_eq!(code(twice), "attempt_expired");
}

#[tokio::test]
async fn a_guest_with_none_listed_names_one_that_is_verified_first() {
    let app = App::start().await;
    let (popup, shown) = signed_in(&app, "gus").await;
    let Callback::NameAccount { attempt, error: None, .. } = shown else { panic!("{shown:?}") };

    for (typed, code) in [
        ("nowhere", "unknown_account"),
        ("initech", "credential_refused"),
        ("https://evil.example/globex", "invalid_account_name"),
    ] {
        let named = app.connect.choose_account(&attempt, Some(&popup.cookie), typed).await;
        let Callback::NameAccount { error: Some(error), .. } = named else { panic!("{named:?}") };
        assert_eq!(error.code(), code, "{typed}: {error:?}");
        if typed == "initech" {
            let tenant = sandbox::directory::INITECH_TENANT.to_string();
            assert_eq!(error.meta().unwrap()["tenant"], tenant, "whose it is");
        }
    }
    assert!(app.credentials().await.is_empty());

    let address = "https://dev.azure.com/globex/";
    let named = app.connect.choose_account(&attempt, Some(&popup.cookie), address).await;
    assert!(matches!(named, Callback::Connected { .. }), "{named:?}");
    assert_eq!(app.credentials().await[0].provider_data["organization"], "globex");
    assert_eq!(app.get("/projects?api-version=7.1").await.unwrap().0, 200);
}

#[tokio::test]
async fn without_the_scope_that_lists_organizations_the_person_names_theirs() {
    let mut app = App::start().await;
    app.integration.scopes = vec!["vso.work".to_owned(), "vso.project".to_owned()];
    let (popup, shown) = signed_in(&app, "ann").await;
    let Callback::NameAccount { attempt, error: None, .. } = shown else { panic!("{shown:?}") };
    let named = app.connect.choose_account(&attempt, Some(&popup.cookie), "acme").await;
    assert!(matches!(named, Callback::Connected { .. }), "{named:?}");
    assert!(app.credentials().await[0].provider_id.is_some());
    assert_eq!(app.get("/projects").await.unwrap().0, 200);
}

#[tokio::test]
async fn a_personal_account_gets_the_sentence_that_helps() {
    let app = App::start().await;
    let popup = app.popup_at(InstallOptions::default(), &[("tenant", "common")]).await;
    let query = app.signs_in("pia", &popup).await;
    let failed = app.connect.finish_oauth(query, Some(&popup.cookie)).await;
    let Callback::Failed { error, .. } = failed else { panic!("{failed:?}") };
    assert_eq!(error.code(), "account_not_supported", "{error:?}");
    assert!(error.message().contains("personal access token"));
}
