#include "qdcnn/base/interrupt.h"

#include "qdcnn/base/error.h"

namespace qdcnn {

void Interrupt::throw_if_interrupted() const {
    if (signal_number() != 0) throw Error(ErrorKind::cancelled, "interrupted");
}

Interrupt& interrupt() {
    static Interrupt flag;
    return flag;
}

}  // namespace qdcnn
