/* A window of WebKitGTK and nothing else: what `cargo xtask bench open, bridge, memory` measure against.
   bare frame URL: prints "painted" when the page has set its title to that.
   bare many URL N: opens the page in N views, one after another, and prints a line for each; each has a process of its own.
   bare bridge N: prints the milliseconds of N round trips of 100 bytes between page and host. */
#include <gtk/gtk.h>
#include <stdio.h>
#include <stdlib.h>
#include <webkit2/webkit2.h>

static const char *uri;
static int left;
static GtkWidget *stack;

static void open_one(void);

static void titled(GObject *view, GParamSpec *spec, gpointer data) {
    const char *title = webkit_web_view_get_title(WEBKIT_WEB_VIEW(view));
    (void)spec, (void)data;
    if (!title || !*title || g_str_equal(title, "page")) return;
    puts(title);
    fflush(stdout);
    if (--left > 0) {
        char line[8];
        if (fgets(line, sizeof line, stdin)) open_one();
    }
}

static void answer(WebKitUserContentManager *manager, WebKitJavascriptResult *result, gpointer view) {
    char *text = jsc_value_to_string(webkit_javascript_result_get_js_value(result));
    char *script = g_strdup_printf("answered('%s')", text);
    (void)manager;
    webkit_web_view_evaluate_javascript(view, script, -1, NULL, NULL, NULL, NULL, NULL);
    g_free(script);
    g_free(text);
}

static GtkWidget *view_of(void) {
    GtkWidget *view = webkit_web_view_new();
    gtk_stack_add_named(GTK_STACK(stack), view, NULL);
    gtk_widget_show(view);
    gtk_stack_set_visible_child(GTK_STACK(stack), view);
    g_signal_connect(view, "notify::title", G_CALLBACK(titled), NULL);
    return view;
}

static void open_one(void) { webkit_web_view_load_uri(WEBKIT_WEB_VIEW(view_of()), uri); }

static void bridge(int rounds) {
    GtkWidget *view = view_of();
    WebKitUserContentManager *manager = webkit_web_view_get_user_content_manager(WEBKIT_WEB_VIEW(view));
    char *page = g_strdup_printf(
        "<!doctype html><title>page</title><script>const text = 'x'.repeat(100); let count = 0, begun;"
        "const ask = () => webkit.messageHandlers.host.postMessage(text);"
        "const answered = () => { count += 1;"
        "  if (count === 50) begun = performance.now();"
        "  if (count === 50 + %d) document.title = String(performance.now() - begun);"
        "  else if (count < 50) requestAnimationFrame(ask); else ask(); };"
        "addEventListener('load', () => requestAnimationFrame(ask));</script>", rounds);
    g_signal_connect(manager, "script-message-received::host", G_CALLBACK(answer), view);
    webkit_user_content_manager_register_script_message_handler(manager, "host");
    webkit_web_view_load_html(WEBKIT_WEB_VIEW(view), page, "http://bridge.example/");
    g_free(page);
}

int main(int argc, char **argv) {
    gtk_init(&argc, &argv);
    if (argc < 3) return 64;
    GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
    gtk_window_set_default_size(GTK_WINDOW(window), 1280, 800);
    stack = gtk_stack_new();
    gtk_container_add(GTK_CONTAINER(window), stack);
    gtk_widget_show_all(window);
    left = argc > 3 ? atoi(argv[3]) : 1;
    uri = argv[2];
    if (g_str_equal(argv[1], "bridge")) bridge(atoi(argv[2])); else open_one();
    gtk_main();
    return 0;
}
