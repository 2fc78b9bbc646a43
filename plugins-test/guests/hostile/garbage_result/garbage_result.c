/* Answers with a result that is no protobuf message. */
#include "../../c/report.h"

void run_before(u64 ctx) {
}

void run_after(u64 ctx) {
    say_status("result", set_query_result(ctx, TEXT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")));
    info_log(said, said_length);
    said_length = 0;
}
