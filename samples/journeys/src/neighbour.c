// Another program beside the window: a file can be dragged out of its upper half, and whatever is let go over its lower half
// is asked for in every form that it is offered in.
//
//   neighbour FILE X Y   puts its window there, and says a line for all that happens
#include <gtk/gtk.h>
#include <stdlib.h>

enum { WIDTH = 200, HALF = 150 };

// Who drags moves on only when it was answered: whoever has held something for so many moves has been heard.
enum { HELD = 4 };

static int waited_for = 0, moves = 0;
static gboolean is_in_vain = FALSE;

static void offer(GtkWidget *widget, GdkDragContext *drag, GtkSelectionData *data, guint what, guint time, gpointer file) {
  (void)widget, (void)drag, (void)what, (void)time;
  char *uri = g_filename_to_uri(file, NULL, NULL);
  char *uris[] = {uri, NULL};
  gtk_selection_data_set_uris(data, uris);
  g_free(uri);
}

static void begun(GtkWidget *widget, GdkDragContext *drag, gpointer nothing) {
  (void)widget, (void)drag, (void)nothing;
  is_in_vain = FALSE;
}

static gboolean failed(GtkWidget *widget, GdkDragContext *drag, GtkDragResult result, gpointer nothing) {
  (void)widget, (void)drag, (void)result, (void)nothing;
  is_in_vain = TRUE;
  return TRUE;
}

static void ended(GtkWidget *widget, GdkDragContext *drag, gpointer nothing) {
  (void)widget, (void)drag, (void)nothing;
  printf("dragged %s\n", is_in_vain ? "in vain" : "and taken");
}

static gboolean held(GtkWidget *widget, GdkDragContext *drag, gint x, gint y, guint time, gpointer nothing) {
  (void)widget, (void)drag, (void)x, (void)y, (void)time, (void)nothing;
  moves += 1;
  if (moves == HELD) puts("would take it");
  return FALSE;
}

static void left(GtkWidget *widget, GdkDragContext *drag, guint time, gpointer nothing) {
  (void)widget, (void)drag, (void)time, (void)nothing;
  moves = 0;
}

static gboolean ask(GtkWidget *widget, GdkDragContext *drag, gint x, gint y, guint time, gpointer nothing) {
  (void)x, (void)y, (void)nothing;
  for (GList *form = gdk_drag_context_list_targets(drag); form; form = form->next) {
    if (!gtk_target_list_find(gtk_drag_dest_get_target_list(widget), GDK_POINTER_TO_ATOM(form->data), NULL)) continue;
    waited_for += 1;
    gtk_drag_get_data(widget, drag, GDK_POINTER_TO_ATOM(form->data), time);
  }
  return TRUE;
}

static void given(GtkWidget *widget, GdkDragContext *drag, gint x, gint y, GtkSelectionData *data, guint what, guint time, gpointer nothing) {
  (void)widget, (void)x, (void)y, (void)what, (void)nothing;
  char *form = gdk_atom_name(gtk_selection_data_get_target(data));
  printf("given %d bytes as %s\n", MAX(gtk_selection_data_get_length(data), 0), form);
  g_free(form);
  waited_for -= 1;
  if (waited_for) return;
  puts("given all");
  gtk_drag_finish(drag, TRUE, FALSE, time);
}

// The toolkit looks for who is below by where it thinks its window is, and beside a window manager's frame that may be wrong
// until the window has been moved.
static gboolean place(gpointer window) {
  static int turn = 0;
  int x, y, there_x, there_y;
  GdkWindow *own = gtk_widget_get_window(window);
  gdk_window_get_origin(own, &x, &y);
  gdk_window_get_position(own, &there_x, &there_y);
  if (x > 0 && x == there_x && y == there_y) {
    printf("neighbour at %d,%d\n", x, y);
    return G_SOURCE_REMOVE;
  }
  turn += 1;
  gtk_window_move(window, x, y + (turn % 2 ? 10 : -10));
  return G_SOURCE_CONTINUE;
}

static gboolean mapped(GtkWidget *window, GdkEvent *event, gpointer nothing) {
  (void)event, (void)nothing;
  g_timeout_add(200, place, window);
  return FALSE;
}

static GtkWidget *half(GtkWidget *box) {
  GtkWidget *half = gtk_event_box_new();
  gtk_widget_set_size_request(half, WIDTH, HALF);
  gtk_container_add(GTK_CONTAINER(box), half);
  return half;
}

int main(int count, char **words) {
  if (count != 4) return 64;
  setvbuf(stdout, NULL, _IOLBF, 0);
  gtk_init(NULL, NULL);
  GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL), *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
  gtk_window_set_decorated(GTK_WINDOW(window), FALSE);
  gtk_window_set_accept_focus(GTK_WINDOW(window), FALSE);
  gtk_container_add(GTK_CONTAINER(window), box);

  GtkWidget *source = half(box), *target = half(box);
  gtk_drag_source_set(source, GDK_BUTTON1_MASK, NULL, 0, GDK_ACTION_COPY);
  gtk_drag_source_add_uri_targets(source);
  g_signal_connect(source, "drag-data-get", G_CALLBACK(offer), words[1]);
  g_signal_connect(source, "drag-begin", G_CALLBACK(begun), NULL);
  g_signal_connect(source, "drag-failed", G_CALLBACK(failed), NULL);
  g_signal_connect(source, "drag-end", G_CALLBACK(ended), NULL);

  GtkTargetEntry forms[] = {{"text/html", 0, 0}, {"_NETSCAPE_URL", 0, 0}};
  gtk_drag_dest_set(target, GTK_DEST_DEFAULT_MOTION, forms, G_N_ELEMENTS(forms), GDK_ACTION_COPY | GDK_ACTION_MOVE | GDK_ACTION_LINK);
  gtk_drag_dest_add_text_targets(target);
  gtk_drag_dest_add_uri_targets(target);
  g_signal_connect(target, "drag-motion", G_CALLBACK(held), NULL);
  g_signal_connect(target, "drag-leave", G_CALLBACK(left), NULL);
  g_signal_connect(target, "drag-drop", G_CALLBACK(ask), NULL);
  g_signal_connect(target, "drag-data-received", G_CALLBACK(given), NULL);

  g_signal_connect_after(window, "map-event", G_CALLBACK(mapped), NULL);
  gtk_window_move(GTK_WINDOW(window), atoi(words[2]), atoi(words[3]));
  gtk_widget_show_all(window);
  gtk_main();
  return 0;
}
