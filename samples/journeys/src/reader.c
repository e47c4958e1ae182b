// A screen reader as far as a test needs one, made of the library that screen readers are made of (libatspi).
//
//   reader tree         what it is told of every application: depth, role, name, whether it is shown and whether it can be had by keys, with tabs between them
//   reader press ROLE NAME   does the first action of the first element on the glass that has this role and name
//   reader hear         what pages want said by itself (live regions), a line each as it comes, until it is ended
#include <atspi/atspi.h>
#include <stdio.h>
#include <string.h>

static const int DEEPEST = 60, MOST_CHILDREN = 500;

static gboolean walk(AtspiAccessible *element, int depth, const char *wanted_role, const char *wanted_name) {
  gboolean done = FALSE;
  char *role = atspi_accessible_get_role_name(element, NULL), *name = atspi_accessible_get_name(element, NULL);
  AtspiStateSet *states = atspi_accessible_get_state_set(element);
  gboolean is_shown = states && atspi_state_set_contains(states, ATSPI_STATE_SHOWING);
  if (!wanted_role) {
    gboolean is_live = states && atspi_state_set_contains(states, ATSPI_STATE_FOCUSABLE) &&
                       atspi_state_set_contains(states, ATSPI_STATE_SENSITIVE);
    printf("%d\t%s\t%s\t%s\t%s\n", depth, role ? role : "", name ? name : "", is_shown ? "shown" : "",
           is_live ? "live" : "");
  } else if (is_shown && role && name && !strcmp(role, wanted_role) && !strcmp(name, wanted_name)) {
    AtspiAction *action = atspi_accessible_get_action_iface(element);
    if (action) {
      done = atspi_action_do_action(action, 0, NULL);
      g_object_unref(action);
    }
  }
  if (states) g_object_unref(states);
  g_free(role);
  g_free(name);
  int children = depth < DEEPEST ? atspi_accessible_get_child_count(element, NULL) : 0;
  for (int at = 0; at < children && at < MOST_CHILDREN && !done; at += 1) {
    AtspiAccessible *child = atspi_accessible_get_child_at_index(element, at, NULL);
    if (!child) continue;
    done = walk(child, depth + 1, wanted_role, wanted_name);
    g_object_unref(child);
  }
  return done;
}

static gboolean is_said_by_itself(AtspiAccessible *element) {
  GHashTable *attributes = atspi_accessible_get_attributes(element, NULL);
  if (!attributes) return FALSE;
  const char *live = g_hash_table_lookup(attributes, "container-live");
  if (!live) live = g_hash_table_lookup(attributes, "live");
  gboolean is_said = live && (!strcmp(live, "polite") || !strcmp(live, "assertive"));
  g_hash_table_unref(attributes);
  return is_said;
}

static void say(AtspiAccessible *element, int depth) {
  char *name = atspi_accessible_get_name(element, NULL);
  AtspiText *text = atspi_accessible_get_text_iface(element);
  char *written = text ? atspi_text_get_text(text, 0, -1, NULL) : NULL;
  if (name && *name) printf("hears\t%s\n", name);
  if (written && *written && (!name || strcmp(written, name))) printf("hears\t%s\n", written);
  g_free(name);
  g_free(written);
  if (text) g_object_unref(text);
  int children = depth < DEEPEST ? atspi_accessible_get_child_count(element, NULL) : 0;
  for (int at = 0; at < children && at < MOST_CHILDREN; at += 1) {
    AtspiAccessible *child = atspi_accessible_get_child_at_index(element, at, NULL);
    if (!child) continue;
    say(child, depth + 1);
    g_object_unref(child);
  }
}

static void changed(AtspiEvent *event, void *nothing) {
  (void)nothing;
  if (is_said_by_itself(event->source)) {
    gboolean has_come = G_VALUE_HOLDS(&event->any_data, ATSPI_TYPE_ACCESSIBLE);
    AtspiAccessible *come = has_come ? g_value_get_object(&event->any_data) : NULL;
    say(come ? come : event->source, 0);
    fflush(stdout);
  }
  g_boxed_free(ATSPI_TYPE_EVENT, event);
}

static int hear(void) {
  AtspiEventListener *listener = atspi_event_listener_new(changed, NULL, NULL);
  for (int at = 0; at < 2; at += 1) {
    const char *wanted[] = {"object:children-changed:add", "object:text-changed:insert"};
    if (!atspi_event_listener_register(listener, wanted[at], NULL)) return 1;
  }
  puts("listens");
  fflush(stdout);
  atspi_event_main();
  return 0;
}

int main(int count, char **words) {
  gboolean presses = count == 4 && !strcmp(words[1], "press");
  gboolean hears = count == 2 && !strcmp(words[1], "hear");
  if (!presses && !hears && !(count == 2 && !strcmp(words[1], "tree"))) return 64;
  atspi_init();
  if (hears) return hear();
  AtspiAccessible *desktop = atspi_get_desktop(0);
  gboolean done = walk(desktop, 0, presses ? words[2] : NULL, presses ? words[3] : NULL);
  g_object_unref(desktop);
  return presses && !done;
}
