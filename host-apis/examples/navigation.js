//# navigate
await guichet.navigation.navigate("pages/form?case=7");

//# redirect
// Back leads past this page to the one below.
await guichet.navigation.redirect("pages/list");

//# back
await guichet.navigation.navigate("pages/form");
await guichet.navigation.back();
