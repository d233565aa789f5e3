/* The strict readers of one value each: true and the member is set, or false and nothing is touched. Internal to
 * core/settings. */
#ifndef GARDE_CORE_SETTINGS_VALUES_H
#define GARDE_CORE_SETTINGS_VALUES_H

#include <stdbool.h>
#include <stdint.h>

/* min and max: of numbers and seconds; of texts max is the size of the array. */
struct value_limits {
    int64_t min;
    int64_t max;
};

bool value_path(const char *text, struct value_limits limits, void *out_member);     /* char[max]: absolute */
bool value_name(const char *text, struct value_limits limits, void *out_member);     /* char[max]: user or service */
bool value_text(const char *text, struct value_limits limits, void *out_member);     /* char[max]: UTF-8 to be shown */
bool value_title(const char *text, struct value_limits limits, void *out_member);    /* char[max]: see ISSUER_SIZE */
bool value_number(const char *text, struct value_limits limits, void *out_member);   /* uint32_t */
bool value_duration(const char *text, struct value_limits limits, void *out_member); /* int64_t, seconds */
bool value_language(const char *text, struct value_limits limits, void *out_member); /* enum language */
bool value_log(const char *text, struct value_limits limits, void *out_member);      /* enum settings_log */
bool value_rule(const char *text, struct value_limits limits, void *out_member);     /* struct unenrolled_rule */
bool value_said(const char *text, struct value_limits limits, void *out_member);     /* struct settings_said */
bool value_group(const char *text, struct value_limits limits, void *out_member);    /* char[max]: group */

#endif
