use sandbox::entra::AZURE_DEVOPS;

use crate::app::{App, SCOPE};

#[tokio::test]
async fn the_page_says_in_words_what_is_asked_for() {
    let app = App::start().await;
    let page = app.get(&App::authorize_target("organizations", &[("sandbox_person", "ann")])).await;
    for words in [
        "Gangway (development)",
        "Read your profile, accounts, projects and teams",
        "Read, create and update work items and queries",
        "Maintain access to data you have given it access to",
    ] {
        assert!(page.body.contains(words), "{words} is missing in {}", page.body);
    }
}

#[tokio::test]
async fn a_person_who_declines_comes_back_with_access_denied() {
    let app = App::start().await;
    let answer = app.decides("ann", &[], "cancel").await;
    assert_eq!(answer.refusal(), "access_denied AADSTS65004");
    assert_eq!(answer.redirect_parameter("error_subcode").as_deref(), Some("cancel"));
    assert_eq!(answer.redirect_parameter("state").as_deref(), Some("the-state"));
}

#[tokio::test]
async fn consent_is_asked_for_once_and_again_only_for_more() {
    let app = App::start().await;
    app.code_of("ann", &[]).await;
    let ann = ("sandbox_person", "ann");
    let again = app.get(&App::authorize_target("organizations", &[ann])).await;
    assert!(again.redirect_parameter("code").is_some());
    let more = format!("{SCOPE} {AZURE_DEVOPS}/vso.code");
    let more = app.get(&App::authorize_target("organizations", &[ann, ("scope", &more)])).await;
    assert!(more.body.contains("Read source code"), "{}", more.body);
    let ben = ("sandbox_person", "ben");
    let other_person = app.get(&App::authorize_target("organizations", &[ben])).await;
    assert!(other_person.body.contains("Permissions requested"));
}

#[tokio::test]
async fn both_names_of_the_resource_mean_the_same_permission() {
    let app = App::start().await;
    app.code_of("ann", &[]).await;
    let by_address = SCOPE.replace(AZURE_DEVOPS, sandbox::entra::AZURE_DEVOPS_URI);
    let changes = [("sandbox_person", "ann"), ("scope", by_address.as_str())];
    let answer = app.get(&App::authorize_target("organizations", &changes)).await;
    assert!(answer.redirect_parameter("code").is_some());
}
