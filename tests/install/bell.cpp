#include <cstdio>

#include "qdcnn/circuit/circuit.h"
#include "qdcnn/circuit/unitary.h"

int main() {
    qdcnn::circuit::Circuit bell(2);
    bell.h(0).cx(0, 1);
    const auto unitary = qdcnn::circuit::unitary_of(bell);
    for (std::size_t k = 0; k < unitary.size; ++k) std::printf("%.3f\n", std::norm(unitary(k, 0)));
}
